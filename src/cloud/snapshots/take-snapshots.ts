/**
 * CreateSnapshot and CreateSnapshots: pending rows first, each naming the layer that it will hold; then the
 * node takes all of them at one instant, before the call answers. As on EC2 nothing is frozen: the instant is
 * what a power cut would leave. After a crash the reconciler asks for the same instant again.
 */
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { NodeError } from '../../node/contract.ts';
import type { SnapshotId, VolumeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { SnapshotRow } from './record.ts';
import { certainlyNotTaken, completeSnapshots, deleteSnapshotRows, takeInstant } from './settle-snapshots.ts';

/**
 * Takes the instant for a caller who waits: what certainly failed is taken away again, and thrown. Where it is
 * not certain that nothing was taken, the snapshots stay pending and the reconciler goes on.
 */
export async function takeSnapshotsNow(cloud: Cloud, instantId: SnapshotId): Promise<void> {
  let failure: NodeError | undefined;
  try {
    failure = await takeSnapshots(cloud, instantId);
  } catch (error) {
    cloud.log.warn(
      { err: error, instantId },
      'it is not certain that an instant was taken; it stays pending',
    );
  }
  if (failure === undefined) return;
  await cloud.db.write(async (tx) => {
    const failed = await tx
      .selectFrom('snapshots')
      .select('snapshot_id')
      .where('instant_id', '=', instantId)
      .execute();
    await deleteSnapshotRows(
      tx,
      failed.map((row) => row.snapshot_id),
    );
  });
  throw new Ec2Fault(
    failure.kind === 'disk-full' ? 'InsufficientVolumeCapacity' : 'IncorrectState',
    `No snapshot was taken: ${failure.message}`,
    { cause: failure },
  );
}

/** Answers why it certainly failed, once the snapshots are in error. */
export async function takeSnapshots(cloud: Cloud, instantId: SnapshotId): Promise<NodeError | undefined> {
  return await cloud.flights.run(`instant:${instantId}`, async () => {
    const snapshots = await pendingOf(cloud, instantId);
    if (snapshots.length === 0) return undefined;
    const failure = await taken(cloud, snapshots);
    // For what waits until the volumes' rows name their layers again: attachments, growth, deletion.
    cloud.wake();
    return failure;
  });
}

async function taken(cloud: Cloud, snapshots: readonly SnapshotRow[]): Promise<NodeError | undefined> {
  try {
    // No instance is named: whichever holds the volumes by now, or none, the node knows.
    const { takenAt } = await takeInstant(cloud, snapshots, { freeze: 'no' });
    await cloud.db.write((tx) => completeSnapshots(tx, cloud, snapshots, takenAt));
    return undefined;
  } catch (error) {
    if (!certainlyNotTaken(error)) throw error;
    await cloud.db.write((tx) => markFailed(tx, snapshots, error.message));
    return error;
  }
}

/** Finishes what an earlier request or a crash left pending on these volumes; what fails stays pending. */
export async function finishSnapshotsOf(cloud: Cloud, volumeIds: readonly VolumeId[]): Promise<void> {
  if (volumeIds.length === 0) return;
  const rows = await cloud.db.read
    .selectFrom('snapshots')
    .select('instant_id')
    .distinct()
    .where('volume_id', 'in', volumeIds)
    .where('next_layer_id', 'is not', null)
    .where('instant_id', 'is not', null)
    .execute();
  for (const { instant_id: instantId } of rows) {
    if (instantId === null) continue;
    await takeSnapshots(cloud, instantId).catch((error: unknown) => {
      cloud.log.warn({ err: error, instantId }, 'an instant could not be finished; it stays pending');
    });
  }
}

/** In the order of the first request: the node knows an instant by the volumes that it is asked for. */
async function pendingOf(cloud: Cloud, instantId: SnapshotId): Promise<SnapshotRow[]> {
  return await cloud.db.read
    .selectFrom('snapshots')
    .selectAll()
    .where('instant_id', '=', instantId)
    .where('next_layer_id', 'is not', null)
    .orderBy('snapshot_id')
    .execute();
}

async function markFailed(
  tx: Transaction<Schema>,
  snapshots: readonly SnapshotRow[],
  message: string,
): Promise<void> {
  const ids = snapshots.map((snapshot) => snapshot.snapshot_id);
  await tx
    .updateTable('snapshots')
    .set({ state: 'error', state_message: message, next_layer_id: null })
    .where('snapshot_id', 'in', ids)
    .execute();
}
