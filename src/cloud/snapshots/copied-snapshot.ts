/**
 * A copy of a snapshot, in this region or another: a row of its own over the same frozen layer. Layers are
 * never written again and belong to whoever refers to them, so the copy is complete at once and stays when its
 * source goes.
 */
import type { Transaction } from 'kysely';
import type { Caller } from '../../ec2/types.ts';
import type { SnapshotId, VolumeId } from '../../platform/ids.ts';
import type { Schema } from '../schema.ts';
import { type CheckedTag, insertTags } from '../tags/tag-specifications.ts';
import type { SnapshotRow } from './record.ts';

/** What EC2 shows as the volume of a snapshot that was copied. */
const noVolume = 'vol-ffffffff' as VolumeId;

export async function insertCopiedSnapshot(
  tx: Transaction<Schema>,
  caller: Caller,
  source: SnapshotRow,
  copy: {
    readonly snapshotId: SnapshotId;
    readonly description: string;
    readonly now: Date;
    readonly tags: readonly CheckedTag[];
  },
): Promise<void> {
  const at = copy.now.toISOString();
  await tx
    .insertInto('snapshots')
    .values({
      snapshot_id: copy.snapshotId,
      region: caller.region,
      owner_id: caller.accountId,
      volume_id: noVolume,
      volume_size_gib: source.volume_size_gib,
      state: 'completed',
      progress: 100,
      started_at: at,
      completed_at: at,
      description: copy.description,
      layer_id: source.layer_id,
      node_id: source.node_id,
    })
    .execute();
  const owned = { region: caller.region, ownerId: caller.accountId };
  await insertTags(tx, { id: copy.snapshotId, type: 'snapshot', ...owned }, copy.tags);
}
