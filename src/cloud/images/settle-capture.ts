/** What the rows say once a capture has its instant, or certainly has none; and how its machine comes back. */
import type { Transaction } from 'kysely';
import { NodeError, type SnapshotResult } from '../../node/contract.ts';
import type { ImageId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { machineSpec, volumesOf } from '../instances/machine-spec.ts';
import type { InstanceRow } from '../instances/record.ts';
import { runningColumns } from '../instances/settle-instance.ts';
import type { Schema } from '../schema.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { completeSnapshots, deleteSnapshotRows } from '../snapshots/settle-snapshots.ts';
import { insertTags } from '../tags/tag-specifications.ts';
import type { ImageRow } from './record.ts';

export async function complete(
  cloud: Cloud,
  image: ImageRow,
  snapshots: readonly SnapshotRow[],
  result: SnapshotResult,
): Promise<void> {
  const inVault = cloud.config.durability === 'vault';
  await cloud.db.write(async (tx) => {
    await completeSnapshots(tx, cloud, snapshots, result.takenAt);
    await tx
      .updateTable('images')
      .set(inVault ? { method: 'store' } : { state: 'available', method: null })
      .where('image_id', '=', image.image_id)
      .where('state', '=', 'pending')
      .execute();
    const resource = { id: image.image_id, type: 'image', region: image.region, ownerId: image.owner_id };
    await tx
      .deleteFrom('tags')
      .where('resource_id', '=', image.image_id)
      .where('key', 'in', ['ingot:consistency', 'ingot:freeze-ms', 'ingot:stall-ms'])
      .execute();
    await insertTags(tx, resource, [
      { Key: 'ingot:consistency', Value: result.consistency },
      { Key: 'ingot:freeze-ms', Value: result.freezeMs.toFixed(1) },
      { Key: 'ingot:stall-ms', Value: result.stallMs.toFixed(1) },
    ]);
    // A machine that was taken down is started first, and only then let go.
    if (image.method !== 'reboot') await release(tx, image.image_id);
  });
  if (image.method === 'reboot') await restartCaptured(cloud, image.image_id);
}

/** Starts a machine that was taken down for its image, and gives its power back to its owner. */
export async function restartCaptured(cloud: Cloud, imageId: ImageId): Promise<void> {
  const instance = await cloud.db.read
    .selectFrom('instances')
    .selectAll()
    .where('captured_by', '=', imageId)
    .executeTakeFirst();
  if (instance === undefined) return;
  const columns = instance.state === 'running' ? await startAgain(cloud, instance) : {};
  await cloud.db.write((tx) =>
    tx
      .updateTable('instances')
      .set({ ...columns, captured_by: null })
      .where('captured_by', '=', imageId)
      .execute(),
  );
}

/** Its public address may be another one now. */
async function startAgain(cloud: Cloud, instance: InstanceRow): Promise<Partial<InstanceRow>> {
  const volumes = await volumesOf(cloud, instance.instance_id);
  try {
    const spec = await machineSpec(cloud, instance, volumes);
    return runningColumns(await cloud.nodes.get(instance.node_id).startMachine(spec));
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    // The row still says running: the next look finds no machine and says why it stopped.
    cloud.log.error(
      { err: error, instanceId: instance.instance_id },
      'a machine did not start after its image',
    );
    return {};
  }
}

async function release(tx: Transaction<Schema>, imageId: ImageId): Promise<void> {
  await tx.updateTable('instances').set({ captured_by: null }).where('captured_by', '=', imageId).execute();
}

/** The image is failed with its reason; of its snapshots nothing is left. */
export async function giveUp(
  cloud: Cloud,
  image: ImageRow,
  snapshots: readonly SnapshotRow[],
  error: NodeError,
): Promise<void> {
  const wasDown = image.method === 'reboot';
  await cloud.db.write(async (tx) => {
    await markFailed(tx, image.image_id, error.message);
    await deleteSnapshotRows(
      tx,
      snapshots.map((snapshot) => snapshot.snapshot_id),
    );
    await tx.deleteFrom('image_snapshots').where('image_id', '=', image.image_id).execute();
    if (!wasDown) await release(tx, image.image_id);
  });
  if (wasDown) await restartCaptured(cloud, image.image_id);
}

async function markFailed(tx: Transaction<Schema>, imageId: ImageId, message: string): Promise<void> {
  await tx
    .updateTable('images')
    .set({
      state: 'failed',
      state_reason_code: 'Server.InternalError',
      state_reason_message: message,
      method: null,
    })
    .where('image_id', '=', imageId)
    .execute();
}
