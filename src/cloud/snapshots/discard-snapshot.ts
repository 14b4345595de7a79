/** What deleting a snapshot comes to: the recycle bin where a rule says so, else it is gone at once. */
import type { Transaction } from 'kysely';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { retainDays } from '../tags/retain-days.ts';
import type { SnapshotRow } from './record.ts';
import { deleteSnapshotRows } from './settle-snapshots.ts';

export async function discardSnapshot(
  tx: Transaction<Schema>,
  cloud: Cloud,
  snapshot: SnapshotRow,
): Promise<void> {
  const days = await retainDays(tx, cloud, snapshot.snapshot_id);
  // What never was complete holds nothing that could be wanted back.
  if (days === 0 || snapshot.state !== 'completed') {
    await deleteSnapshotRows(tx, [snapshot.snapshot_id]);
    return;
  }
  await tx
    .updateTable('snapshots')
    .set(binColumns(cloud, days))
    .where('snapshot_id', '=', snapshot.snapshot_id)
    .execute();
}

/** When something goes to the bin, and when it leaves it for good. */
export function binColumns(
  cloud: Cloud,
  days: number,
): { readonly binned_at: string; readonly bin_until: string } {
  const now = cloud.now();
  const until = new Date(now.getTime() + days * 86_400_000);
  return { binned_at: now.toISOString(), bin_until: until.toISOString() };
}
