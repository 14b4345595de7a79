/**
 * Takes the instant of a pending image and makes it available. A request drives it, and after a crash the
 * reconciler does, by the same steps: the node answers a repeated snapshot with the instant it took.
 *
 *   frozen   file systems frozen by the guest agent; without its answer it becomes `reboot`
 *   instant  the volumes as they are (NoReboot, or a stopped instance); frozen too where the agent answers
 *   reboot   orderly shutdown, instant, start
 *
 * Where completion waits for the vault, an image with its instant is pending by `store` until its snapshots are there.
 */
import { Ec2Fault } from '../../ec2/faults.ts';
import type { NodeError, SnapshotResult } from '../../node/contract.ts';
import type { ImageId, InstanceId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { certainlyNotTaken, takeInstant } from '../snapshots/settle-snapshots.ts';
import { deleteImageRows } from './insert-image.ts';
import type { ImageRow } from './record.ts';
import { complete, giveUp } from './settle-capture.ts';

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
      .where('method', 'in', ['frozen', 'instant', 'reboot'])
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
    case 'store':
    case null:
      throw new Error(`${image.image_id} is pending but is not captured from an instance`);
    default:
      return image.method satisfies never;
  }
}

async function becomeReboot(cloud: Cloud, imageId: ImageId): Promise<void> {
  await cloud.db.write((tx) =>
    tx.updateTable('images').set({ method: 'reboot' }).where('image_id', '=', imageId).execute(),
  );
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
