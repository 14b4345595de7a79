/** Rows as EC2 shows them. */
import type { Snapshot, SnapshotInfo, Tag } from '@aws-sdk/client-ec2';
import type { Caller } from '../../ec2/types.ts';
import type { SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { readVisibleTags } from '../tags/visible-tags.ts';
import type { SnapshotRow } from './record.ts';

export async function toSnapshots(
  cloud: Cloud,
  caller: Caller,
  rows: readonly SnapshotRow[],
): Promise<readonly Snapshot[]> {
  const tags = await readVisibleTags(
    cloud,
    caller,
    rows.map((row) => ({ id: row.snapshot_id, ownerId: row.owner_id })),
  );
  return rows.map((row) => ({
    ...snapshotColumns(row, tags.get(row.snapshot_id) ?? []),
    ...(row.owner_id === cloud.config.baseAccountId ? { OwnerAlias: 'amazon' } : {}),
    ...(row.completed_at === null ? {} : { CompletionTime: new Date(row.completed_at) }),
    ...(row.state_message === null ? {} : { StateMessage: row.state_message }),
    StorageTier: 'standard',
    TransferType: 'standard',
  }));
}

export async function readSnapshots(cloud: Cloud, ids: readonly SnapshotId[]): Promise<SnapshotRow[]> {
  if (ids.length === 0) return [];
  return await cloud.db.read
    .selectFrom('snapshots')
    .selectAll()
    .where('snapshot_id', 'in', ids)
    .orderBy('snapshot_id')
    .execute();
}

/** What every call that answers with a snapshot says of it. */
export function snapshotColumns(row: SnapshotRow, tags: readonly Tag[]): SnapshotInfo {
  return {
    SnapshotId: row.snapshot_id,
    VolumeId: row.volume_id,
    VolumeSize: row.volume_size_gib,
    State: row.state,
    StartTime: new Date(row.started_at),
    Progress: `${row.progress}%`,
    OwnerId: row.owner_id,
    Description: row.description,
    Encrypted: false,
    Tags: [...tags],
  };
}

export function date(text: string | null): Date | undefined {
  return text === null ? undefined : new Date(text);
}
