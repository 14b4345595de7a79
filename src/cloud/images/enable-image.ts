/** EnableImage and DisableImage. A disabled image is its owner's alone, and launches nothing. */
import type {
  DisableImageRequest,
  DisableImageResult,
  EnableImageRequest,
  EnableImageResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { incorrectState } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { ownImage, readOwnImage } from './find-image.ts';
import { removeAllPermissions } from './launch-permissions.ts';
import { type ImageRow, imageCan } from './record.ts';

/** Who could launch it cannot any more, and enabling it does not give that back. */
export async function disableImage(
  cloud: Cloud,
  input: DisableImageRequest,
  caller: Caller,
): Promise<DisableImageResult> {
  checkCan(await ownImage(cloud, caller, input.ImageId), 'disable');
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const image = await readOwnImage(tx, caller, input.ImageId);
    checkCan(image, 'disable');
    await removeAllPermissions(tx, image.image_id);
    await tx
      .updateTable('images')
      .set({ state: 'disabled' })
      .where('image_id', '=', image.image_id)
      .execute();
  });
  return { Return: true };
}

export async function enableImage(
  cloud: Cloud,
  input: EnableImageRequest,
  caller: Caller,
): Promise<EnableImageResult> {
  checkCan(await ownImage(cloud, caller, input.ImageId), 'enable');
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const image = await readOwnImage(tx, caller, input.ImageId);
    checkCan(image, 'enable');
    await tx
      .updateTable('images')
      .set({ state: 'available' })
      .where('image_id', '=', image.image_id)
      .execute();
  });
  return { Return: true };
}

/** Again is no error: a repeated call finds its work done. */
function checkCan(image: ImageRow, action: 'disable' | 'enable'): void {
  if (imageCan(image, action)) return;
  throw incorrectState(
    `The image '${image.image_id}' is in the '${image.state}' state, from which it cannot be ${action}d`,
  );
}
