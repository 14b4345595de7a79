/**
 * What a revocation does to the image itself: its tags say it, and where EC2 can disable an image nobody launches it
 * any more. Disabling takes away who it was shared with, for good (EC2: DisableImage).
 */
import type { EC2Client, Tag } from '@aws-sdk/client-ec2';
import type { Targets } from '../targets/target.ts';
import type { ImagePlace } from './machines-on-images.ts';
import type { Revocation } from './version.ts';

export interface ImageOutcome extends ImagePlace {
  /** `tagged`: it says so, but can be launched. `gone`: there is no such image any more. */
  readonly outcome: 'disabled' | 'enabled' | 'tagged' | 'gone' | 'failed';
  /** Why it isn't as it should be. */
  readonly reason?: string;
}

export const revokedTag = 'ingot:revoked';
const revokedAtTag = 'ingot:revoked-at';
/** EC2's limit for a tag's value. */
const longestValue = 255;

export async function blockImage(
  targets: Targets,
  image: ImagePlace,
  revocation: Revocation,
): Promise<ImageOutcome> {
  const { CreateTagsCommand, DisableImageCommand } = await import('@aws-sdk/client-ec2');
  const Tags = [
    { Key: revokedTag, Value: revocation.reason.slice(0, longestValue) },
    { Key: revokedAtTag, Value: revocation.at },
  ];
  return await onImage(targets, image, 'disabled', async (client) => {
    await client.send(new CreateTagsCommand({ Resources: [image.imageId], Tags }));
    await client.send(new DisableImageCommand({ ImageId: image.imageId }));
  });
}

export async function unblockImage(targets: Targets, image: ImagePlace): Promise<ImageOutcome> {
  const { DeleteTagsCommand, EnableImageCommand } = await import('@aws-sdk/client-ec2');
  const Tags: Tag[] = [{ Key: revokedTag }, { Key: revokedAtTag }];
  return await onImage(targets, image, 'enabled', async (client) => {
    await client.send(new DeleteTagsCommand({ Resources: [image.imageId], Tags }));
    await client.send(new EnableImageCommand({ ImageId: image.imageId }));
  });
}

/** The registry's mark stands whatever becomes of the image: a failure is an outcome, and can be tried again. */
async function onImage(
  targets: Targets,
  { target, region, imageId }: ImagePlace,
  done: 'disabled' | 'enabled',
  change: (client: EC2Client) => Promise<void>,
): Promise<ImageOutcome> {
  const place = { target, region, imageId };
  try {
    await change(await (await targets.get(target)).client(region));
    return { ...place, outcome: done };
  } catch (error) {
    const { name, message } = error as Error;
    const reason = `${name}: ${message}`;
    if (name.startsWith('InvalidAMIID.')) return { ...place, outcome: 'gone', reason };
    return { ...place, outcome: unsupported.test(name) ? 'tagged' : 'failed', reason };
  }
}

/** How EC2s that can't disable an image say so. */
const unsupported = /^(InvalidAction|Unsupported|UnsupportedOperation|NotImplemented|UnknownOperation)/;
