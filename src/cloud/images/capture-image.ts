/**
 * Takes the instant of a pending image and makes it available. A request drives it, and after a crash the
 * reconciler does, by the same steps: the node answers a repeated snapshot with the instant it took.
 *
 *   frozen   file systems frozen by the guest agent; without its answer it becomes `reboot`
 *   instant  the volumes as they are (NoReboot, or a stopped instance); frozen too where the agent answers
 *   reboot   orderly shutdown, instant, start
 */

import { Ec2Fault } from '../../ec2/faults.ts';
import { NodeError, type SnapshotResult } from '../../node/contract.ts';
import type { ImageId, InstanceId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { machineSpec, volumesOf } from '../instances/machine-spec.ts';
import type { InstanceRow } from '../instances/record.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import {
  certainlyNotTaken,
  completeSnapshots,
  deleteSnapshotRows,
  takeInstant,
} from '../snapshots/settle-snapshots.ts';
import { insertTags } from '../tags/tag-specifications.ts';
import { deleteImageRows } from './insert-image.ts';
import type { ImageRow } from './record.ts';

export type CaptureMethod = 'frozen' | 'instant' | 'reboot';

/**
 * Captures for a caller who waits: what certainly failed is taken away again, and thrown. Where it is not
 * certain that nothing was taken, the image stays pending and the reconciler goes on.
 */
export async function captureImageNow(cloud: Cloud, image: Captured): Promise<void> {
  const { imageId } = image;
  let failure: NodeError | undefined;
  try {
    failure = await captureImage(cloud, imageId);
  } catch (error) {
    cloud.log.warn(
      { err: error, imageId },
      'it is not certain that the instant was taken; the image stays pending',
    );
  }
  if (failure === undefined) return;
  await cloud.db.write((tx) => deleteImageRows(tx, imageId));
  throw faultOf(failure, image);
}

/** Answers why it certainly failed, once the image says so; whoever has its id then finds it there. */
export async function captureImage(cloud: Cloud, imageId: ImageId): Promise<NodeError | undefined> {
  const failure = await cloud.flights.run(`capture:${imageId}`, async () => {
    const image = await cloud.db.read
      .selectFrom('images')
      .selectAll()
      .where('image_id', '=', imageId)
      .where('state', '=', 'pending')
      .executeTakeFirst();
    if (image === undefined || image.source_instance_id === null) return undefined;
    const snapshots = await pendingSnapshots(cloud, imageId);
    try {
      const result = await instantOf(cloud, image, image.source_instance_id, snapshots);
      await complete(cloud, image, snapshots, result);
      return undefined;
    } catch (error) {
      if (!certainlyNotTaken(error)) throw error;
      if (error.kind === 'freeze-failed' && image.method === 'frozen') {
        await becomeReboot(cloud, imageId);
        return undefined;
      }
      await giveUp(cloud, image, snapshots, error);
      return error;
    }
  });
  cloud.wake();
  return failure;
}

export interface Captured {
  readonly imageId: ImageId;
  readonly name: string;
  readonly instanceId: InstanceId;
}

async function instantOf(
  cloud: Cloud,
  image: ImageRow,
  instanceId: InstanceId,
  snapshots: readonly SnapshotRow[],
): Promise<SnapshotResult> {
  switch (image.method) {
    case 'frozen':
      return await takeInstant(cloud, snapshots, { instanceId, freeze: 'require' });
    case 'instant':
      return await takeInstant(cloud, snapshots, { instanceId, freeze: 'try' });
    case 'reboot': {
      const [snapshot] = snapshots;
      if (snapshot === undefined) throw new Error(`${image.image_id} has no snapshots to take`);
      await cloud.nodes
        .get(snapshot.node_id)
        .stopMachine({ instanceId, deadlineMs: cloud.config.stopDeadlineMs, force: false });
      const result = await takeInstant(cloud, snapshots, { instanceId, freeze: 'no' });
      return { ...result, consistency: 'rebooted' };
    }
    case 'copy':
    case null:
      throw new Error(`${image.image_id} is pending but is not captured from an instance`);
    default:
      return image.method satisfies never;
  }
}

async function complete(
  cloud: Cloud,
  image: ImageRow,
  snapshots: readonly SnapshotRow[],
  result: SnapshotResult,
): Promise<void> {
  await cloud.db.write(async (tx) => {
    await completeSnapshots(tx, snapshots, result.takenAt);
    await tx
      .updateTable('images')
      .set({ state: 'available', method: null })
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
    // A machine that was taken down is started first, and only then let go: release-instance.ts.
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
  if (instance.state === 'running') await startAgain(cloud, instance);
  await cloud.db.write((tx) => release(tx, imageId));
}

async function startAgain(cloud: Cloud, instance: InstanceRow): Promise<void> {
  const volumes = await volumesOf(cloud, instance.instance_id);
  try {
    await cloud.nodes.get(instance.node_id).startMachine(await machineSpec(cloud, instance, volumes));
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    // The row still says running: the next look finds no machine and says why it stopped.
    cloud.log.error(
      { err: error, instanceId: instance.instance_id },
      'a machine did not start after its image',
    );
  }
}

async function release(
  tx: Parameters<Parameters<Cloud['db']['write']>[0]>[0],
  imageId: ImageId,
): Promise<void> {
  await tx.updateTable('instances').set({ captured_by: null }).where('captured_by', '=', imageId).execute();
}

async function becomeReboot(cloud: Cloud, imageId: ImageId): Promise<void> {
  await cloud.db.write((tx) =>
    tx.updateTable('images').set({ method: 'reboot' }).where('image_id', '=', imageId).execute(),
  );
}

async function giveUp(
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

async function markFailed(
  tx: Parameters<Parameters<Cloud['db']['write']>[0]>[0],
  imageId: ImageId,
  message: string,
): Promise<void> {
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

function faultOf(error: NodeError, { name, instanceId }: Captured): Ec2Fault {
  const what = `${name} was not made of ${instanceId}: ${error.message}`;
  const code = error.kind === 'disk-full' ? 'InsufficientVolumeCapacity' : 'IncorrectState';
  return new Ec2Fault(code, what, { cause: error });
}

async function pendingSnapshots(cloud: Cloud, imageId: ImageId): Promise<SnapshotRow[]> {
  return await cloud.db.read
    .selectFrom('snapshots')
    .innerJoin('image_snapshots', 'image_snapshots.snapshot_id', 'snapshots.snapshot_id')
    .selectAll('snapshots')
    .where('image_snapshots.image_id', '=', imageId)
    .where('snapshots.state', '=', 'pending')
    .where('snapshots.next_layer_id', 'is not', null)
    .orderBy('snapshots.snapshot_id')
    .execute();
}
