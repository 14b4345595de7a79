/** EnableImageDeregistrationProtection and DisableImageDeregistrationProtection. */
import type {
  DisableImageDeregistrationProtectionRequest,
  DisableImageDeregistrationProtectionResult,
  EnableImageDeregistrationProtectionRequest,
  EnableImageDeregistrationProtectionResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { protectionAfterDisabling } from './deregistration-protection.ts';
import { ownImage, readOwnImage } from './find-image.ts';
import type { ImageRow } from './record.ts';

export async function enableImageDeregistrationProtection(
  cloud: Cloud,
  input: EnableImageDeregistrationProtectionRequest,
  caller: Caller,
): Promise<EnableImageDeregistrationProtectionResult> {
  const to = input.WithCooldown === true ? 'enabled-with-cooldown' : 'enabled-without-cooldown';
  return await protect(cloud, input, caller, () => to);
}

export async function disableImageDeregistrationProtection(
  cloud: Cloud,
  input: DisableImageDeregistrationProtectionRequest,
  caller: Caller,
): Promise<DisableImageDeregistrationProtectionResult> {
  return await protect(cloud, input, caller, (image) => protectionAfterDisabling(image, cloud.now()));
}

async function protect(
  cloud: Cloud,
  input: { readonly ImageId: string | undefined; readonly DryRun?: boolean | undefined },
  caller: Caller,
  next: (image: ImageRow) => string,
): Promise<{ readonly Return: string }> {
  await ownImage(cloud, caller, input.ImageId);
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const image = await readOwnImage(tx, caller, input.ImageId);
    await tx
      .updateTable('images')
      .set({ deregistration_protection: next(image) })
      .where('image_id', '=', image.image_id)
      .execute();
  });
  return { Return: 'true' };
}
