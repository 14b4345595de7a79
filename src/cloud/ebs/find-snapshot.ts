/** How a call of EBS direct gets at a snapshot: who may read it, who may write it, and in which state. */
import type { Selectable } from 'kysely';
import { accessDenied, invalid, snapshotNotFound } from '../../ec2/ebs/faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { StoredDisk } from '../../node/block-contract.ts';
import type { SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { type SnapshotRow, snapshotCan } from '../snapshots/record.ts';
import { isVisibleTo } from '../snapshots/visible-snapshots.ts';
import type { BlockWriteTable } from './table.ts';

export type BlockWriteRow = Selectable<BlockWriteTable>;

/** A completed snapshot whose blocks the caller may read: its own, a public one, or one shared with it. */
export async function readableSnapshot(
  cloud: Cloud,
  caller: Caller,
  snapshotId: string | undefined,
): Promise<SnapshotRow> {
  const snapshot = await existing(cloud, caller, snapshotId);
  const visible = await cloud.db.read
    .selectFrom('snapshots')
    .select('snapshot_id')
    .where('snapshot_id', '=', snapshot.snapshot_id)
    .where(isVisibleTo(caller.accountId))
    .executeTakeFirst();
  if (visible === undefined) {
    throw accessDenied(
      `The snapshot '${snapshot.snapshot_id}' is not shared with account ${caller.accountId}.`,
    );
  }
  if (!snapshotCan(snapshot, 'copy')) {
    throw invalid(
      'INVALID_SNAPSHOT_ID',
      `The snapshot '${snapshot.snapshot_id}' is ${snapshot.state}; only a completed one has blocks to read.`,
    );
  }
  return snapshot;
}

/** The caller's own, made by StartSnapshot, in whatever state. */
export async function writtenSnapshot(
  cloud: Cloud,
  caller: Caller,
  snapshotId: string | undefined,
): Promise<{ readonly snapshot: SnapshotRow; readonly write: BlockWriteRow }> {
  const snapshot = await existing(cloud, caller, snapshotId);
  if (snapshot.owner_id !== caller.accountId) {
    throw accessDenied(
      `The snapshot '${snapshot.snapshot_id}' is another account's; only its owner writes it.`,
    );
  }
  const write = await cloud.db.read
    .selectFrom('block_writes')
    .selectAll()
    .where('snapshot_id', '=', snapshot.snapshot_id)
    .executeTakeFirst();
  if (write !== undefined) return { snapshot, write };
  throw invalid(
    'INVALID_SNAPSHOT_ID',
    `The snapshot '${snapshot.snapshot_id}' was not made by StartSnapshot; blocks go only into one that was.`,
  );
}

export function notPending({ snapshot_id: id, state, state_message: message }: SnapshotRow): Error {
  const why = message === null ? '' : `: ${message}`;
  return invalid('INVALID_SNAPSHOT_ID', `The snapshot '${id}' is ${state}, not pending${why}.`);
}

async function existing(cloud: Cloud, caller: Caller, snapshotId: string | undefined): Promise<SnapshotRow> {
  const snapshot = await cloud.db.read
    .selectFrom('snapshots')
    .selectAll()
    .where('snapshot_id', '=', snapshotId as SnapshotId)
    .where('region', '=', caller.region)
    .where('binned_at', 'is', null)
    .executeTakeFirst();
  if (snapshot === undefined) throw snapshotNotFound(snapshotId ?? '');
  return snapshot;
}

export function storedDisk(snapshot: SnapshotRow): StoredDisk {
  return { region: snapshot.region, snapshotId: snapshot.snapshot_id, layerId: snapshot.layer_id };
}
