import type { DeregisterImageRequest, DeregisterImageResult } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { imageUnavailable, incorrectState } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { ImageId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { deleteSnapshotRows } from '../snapshots/settle-snapshots.ts';
import { captureImage } from './capture-image.ts';
import { rememberedImages } from './deregistered-images.ts';
import { checkUnprotected } from './deregistration-protection.ts';
import { asImageId, ownImage, readOwnImage } from './find-image.ts';
import type { ImageRow } from './record.ts';
import { discardSnapshotsOf, removeImage } from './remove-image.ts';

/**
 * Instances that were launched from it stay as they are. Snapshots stay too, unless the call says otherwise. A copy
 * that is on its way is stopped, and what it has not copied goes with it (EC2 user guide, "Stop a pending copy").
 */
export async function deregisterImage(
  cloud: Cloud,
  input: DeregisterImageRequest,
  caller: Caller,
): Promise<DeregisterImageResult> {
  const found = await registered(cloud, input, caller);
  checkUnprotected(found, cloud.now());
  endDryRun(input);
  // An instant that is being taken is finished first: machine and volumes must come out of it as they went in.
  if (found.state === 'pending') await finishCapture(cloud, found.image_id);
  const outcomes = await cloud.db.write(async (tx) => {
    const image = await readOwnImage(tx, caller, input.ImageId);
    checkUnprotected(image, cloud.now());
    if (image.state === 'pending' && image.method !== 'copy' && image.method !== 'store') {
      throw incorrectState(`${image.image_id} is still being captured; try again in a moment`);
    }
    const discarded =
      input.DeleteAssociatedSnapshots === true ? await discardSnapshotsOf(tx, cloud, caller, image) : [];
    const unfinished = image.method === 'copy' ? await pendingSnapshots(tx, image.image_id) : [];
    await removeImage(tx, cloud, image);
    await deleteSnapshotRows(tx, unfinished);
    return discarded;
  });
  cloud.wake();
  return {
    Return: true,
    DeleteSnapshotResults: outcomes.map(({ snapshotId, code }) => ({
      SnapshotId: snapshotId,
      ReturnCode: code,
    })),
  };
}

/** One that is gone but still known is said to be no longer available; then it never was. */
async function registered(cloud: Cloud, input: DeregisterImageRequest, caller: Caller): Promise<ImageRow> {
  try {
    return await ownImage(cloud, caller, input.ImageId);
  } catch (error) {
    if (!(error instanceof Ec2Fault) || error.code !== 'InvalidAMIID.NotFound') throw error;
    const imageId = asImageId(input.ImageId);
    const remembered = await rememberedImages(cloud, caller, [imageId]);
    throw remembered.has(imageId) ? imageUnavailable(imageId) : error;
  }
}

async function finishCapture(cloud: Cloud, imageId: ImageId): Promise<void> {
  try {
    await captureImage(cloud, imageId);
  } catch (error) {
    cloud.log.warn({ err: error, imageId }, 'a capture could not be finished; the image stays pending');
  }
}

async function pendingSnapshots(tx: Transaction<Schema>, imageId: ImageId): Promise<readonly SnapshotId[]> {
  const rows = await tx
    .selectFrom('snapshots')
    .innerJoin('image_snapshots', 'image_snapshots.snapshot_id', 'snapshots.snapshot_id')
    .select('snapshots.snapshot_id')
    .where('image_snapshots.image_id', '=', imageId)
    .where('snapshots.state', '=', 'pending')
    .execute();
  return rows.map((row) => row.snapshot_id);
}
