/** How a call gets at a snapshot by its id: who may see it, and who may change it. */
import type { Transaction } from 'kysely';
import { missingParameter, notAuthorizedFor } from '../../ec2/request-faults.ts';
import { malformedId, notFound } from '../../ec2/resource-faults.ts';
import { incorrectState } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { isId, type SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { type SnapshotRow, snapshotCan } from './record.ts';
import { isVisibleTo } from './visible-snapshots.ts';

type Db = Cloud['db']['read'] | Transaction<Schema>;

export function asSnapshotId(value: string | undefined): SnapshotId {
  if (value === undefined || value === '') throw missingParameter('SnapshotId');
  if (!isId('snap', value)) throw malformedId('snapshot', value);
  return value as SnapshotId;
}

/** A snapshot that the caller may see and make volumes of: its own, a public one, or one shared with it. */
export async function findSnapshot(
  db: Db,
  caller: Pick<Caller, 'accountId' | 'region'>,
  value: string | undefined,
): Promise<SnapshotRow> {
  const snapshotId = asSnapshotId(value);
  const snapshot = await db
    .selectFrom('snapshots')
    .selectAll()
    .where('snapshot_id', '=', snapshotId)
    .where('region', '=', caller.region)
    .where('binned_at', 'is', null)
    .where(isVisibleTo(caller.accountId))
    .executeTakeFirst();
  if (snapshot === undefined) throw notFound('snapshot', snapshotId);
  return snapshot;
}

/** A snapshot that the caller may change. */
export async function ownSnapshot(
  db: Db,
  caller: Pick<Caller, 'accountId' | 'region'>,
  value: string | undefined,
): Promise<SnapshotRow> {
  const snapshot = await findSnapshot(db, caller, value);
  if (snapshot.owner_id !== caller.accountId) throw notAuthorizedFor('snapshot', snapshot.snapshot_id);
  return snapshot;
}

/** Images and volumes are made only of what is complete. */
export function checkCompleted(snapshot: SnapshotRow): void {
  if (snapshotCan(snapshot, 'launch')) return;
  throw incorrectState(`Snapshot '${snapshot.snapshot_id}' is in invalid state - ${snapshot.state}`);
}
