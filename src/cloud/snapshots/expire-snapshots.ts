/** The reconciling pass over the recycle bin: a snapshot whose time is over is deleted. */
import type { Cloud } from '../cloud.ts';
import { deleteSnapshotRows } from './settle-snapshots.ts';

export async function expireSnapshots(cloud: Cloud): Promise<void> {
  const now = cloud.now().toISOString();
  const over = await expired(cloud.db.read, now);
  if (over.length === 0) return;
  // Read again where it cannot change: it may have been restored meanwhile.
  await cloud.db.write(async (tx) => deleteSnapshotRows(tx, await expired(tx, now)));
  cloud.wake();
}

/** One that a binned image stands on waits for the image. */
async function expired(db: Pick<Cloud['db']['read'], 'selectFrom'>, now: string) {
  const rows = await db
    .selectFrom('snapshots')
    .select('snapshot_id')
    .where('bin_until', '<=', now)
    .where('snapshot_id', 'not in', (eb) => eb.selectFrom('image_snapshots').select('snapshot_id'))
    .limit(200)
    .execute();
  return rows.map((row) => row.snapshot_id);
}
