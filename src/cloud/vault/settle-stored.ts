/** What the rows say of a transfer: how far it is, that the vault has it, or why not. */
import type { Transaction } from 'kysely';
import type { TransferStatus } from '../../node/vault-contract.ts';
import type { ImageId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { StoredRow } from './record.ts';

/** A copy that failed this often is in error, as on EC2; what the node has is tried for ever. */
const copyAttempts = 10;
const longestPauseMs = 600_000;

/** A snapshot whose completion waits for the vault shows how far it is. */
export async function noteProgress(cloud: Cloud, row: StoredRow, status: TransferStatus): Promise<void> {
  const percent = status.bytesTotal === 0 ? 0 : Math.floor((status.bytesDone / status.bytesTotal) * 100);
  await cloud.db.write(async (tx) => {
    await tx
      .updateTable('stored_snapshots')
      .set({ bytes_done: status.bytesDone, bytes_total: status.bytesTotal })
      .where('snapshot_id', '=', row.snapshot_id)
      .execute();
    await tx
      .updateTable('snapshots')
      .set({ progress: Math.min(99, percent) })
      .where('snapshot_id', '=', row.snapshot_id)
      .where('state', '=', 'pending')
      .execute();
  });
}

export async function noteStored(cloud: Cloud, row: StoredRow, status: TransferStatus): Promise<void> {
  await cloud.db.write(async (tx) => {
    await tx
      .updateTable('stored_snapshots')
      .set({
        state: 'stored',
        bytes_done: status.bytesDone,
        bytes_total: status.bytesTotal,
        attempts: 0,
        reason: null,
        retry_at: null,
      })
      .where('snapshot_id', '=', row.snapshot_id)
      .execute();
    await tx
      .updateTable('snapshots')
      .set({
        state: 'completed',
        progress: 100,
        completed_at: cloud.now().toISOString(),
        state_message: null,
      })
      .where('snapshot_id', '=', row.snapshot_id)
      .where('state', '=', 'pending')
      .execute();
    for (const imageId of await waitingImages(tx, row.snapshot_id)) await makeAvailable(tx, imageId);
  });
}

/** Tried again after a while that doubles with every failure. */
export async function noteFailure(cloud: Cloud, row: StoredRow, reason: string): Promise<void> {
  const { snapshot_id: snapshotId, region } = row;
  cloud.log.warn({ snapshotId, region, reason }, 'a snapshot was not stored in its vault');
  const attempts = row.attempts + 1;
  const pauseMs = Math.min(longestPauseMs, 1000 * 2 ** (attempts - 1));
  await cloud.db.write(async (tx) => {
    if (row.source_snapshot_id !== null && attempts >= copyAttempts) {
      await giveUp(tx, snapshotId, reason);
      return;
    }
    await tx
      .updateTable('stored_snapshots')
      .set({
        attempts,
        reason,
        retry_at: new Date(cloud.now().getTime() + pauseMs).toISOString(),
      })
      .where('snapshot_id', '=', snapshotId)
      .execute();
    await tx
      .updateTable('snapshots')
      .set({ state_message: reason })
      .where('snapshot_id', '=', snapshotId)
      .where('state', '=', 'pending')
      .execute();
  });
}

async function giveUp(tx: Transaction<Schema>, snapshotId: SnapshotId, reason: string): Promise<void> {
  await tx.deleteFrom('stored_snapshots').where('snapshot_id', '=', snapshotId).execute();
  await tx
    .updateTable('snapshots')
    .set({ state: 'error', state_message: reason })
    .where('snapshot_id', '=', snapshotId)
    .where('state', '=', 'pending')
    .execute();
  for (const imageId of await waitingImages(tx, snapshotId)) {
    await tx
      .updateTable('images')
      .set({
        state: 'failed',
        method: null,
        state_reason_code: 'Client.InternalError',
        state_reason_message: `Snapshot ${snapshotId} was not copied: ${reason}`,
      })
      .where('image_id', '=', imageId)
      .execute();
  }
}

/** Images that become available with their snapshots. */
async function waitingImages(tx: Transaction<Schema>, snapshotId: SnapshotId): Promise<readonly ImageId[]> {
  const rows = await tx
    .selectFrom('images')
    .innerJoin('image_snapshots', 'image_snapshots.image_id', 'images.image_id')
    .select('images.image_id')
    .where('image_snapshots.snapshot_id', '=', snapshotId)
    .where('images.state', '=', 'pending')
    .where('images.method', 'in', ['copy', 'store'])
    .execute();
  return rows.map((row) => row.image_id);
}

async function makeAvailable(tx: Transaction<Schema>, imageId: ImageId): Promise<void> {
  const missing = await tx
    .selectFrom('snapshots')
    .innerJoin('image_snapshots', 'image_snapshots.snapshot_id', 'snapshots.snapshot_id')
    .select('snapshots.snapshot_id')
    .where('image_snapshots.image_id', '=', imageId)
    .where('snapshots.state', '!=', 'completed')
    .executeTakeFirst();
  if (missing !== undefined) return;
  await tx
    .updateTable('images')
    .set({ state: 'available', method: null })
    .where('image_id', '=', imageId)
    .execute();
}
