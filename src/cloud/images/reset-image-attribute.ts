import type { ResetImageAttributeRequest } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { ownImage, readOwnImage } from './find-image.ts';
import { removeAllPermissions } from './launch-permissions.ts';

/** Back to private. */
export async function resetImageAttribute(
  cloud: Cloud,
  input: ResetImageAttributeRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  await ownImage(cloud, caller, input.ImageId);
  const { Attribute: attribute } = input;
  if (attribute === undefined) throw missingParameter('Attribute');
  if (attribute !== 'launchPermission') {
    throw invalidValue(attribute, 'attribute', 'Only launchPermission can be reset.');
  }
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const image = await readOwnImage(tx, caller, input.ImageId);
    await removeAllPermissions(tx, image.image_id);
  });
  return {};
}
