import type { EC2, Image } from '@aws-sdk/client-ec2';
import { tagsOf } from '../../aws/tags.ts';
import { isCode } from '../../aws/until.ts';
import { revokedTag } from '../../registry/block-image.ts';
import { findImageVersion } from '../../registry/find-versions.ts';
import type { Answer, Asker } from './asker.ts';

/** The image that was named. What the registry or its own tags say of it counts. */
export async function byId(asker: Asker): Promise<Answer> {
  const { name: imageId, region, target, factory } = asker;
  const image = await imageById(asker.ec2, imageId);
  if (image === undefined) return { way: 'id', detail: `${region} has no image ${imageId}` };
  const version = await findImageVersion(factory.db.read, target.name, imageId);
  const reason = version?.revoked?.reason ?? tagsOf(image)[revokedTag];
  if (reason !== undefined) {
    return { way: 'id', detail: `${imageId} is revoked: ${reason}`, revoked: { imageId, reason } };
  }
  const known = version === undefined ? '' : `, which is ${version.template}@${version.version}`;
  return { way: 'id', detail: `${imageId} was named${known}`, found: { image, ...version } };
}

/** Disabled ones too, which only their owner sees. */
export async function imageById(ec2: EC2, imageId: string): Promise<Image | undefined> {
  try {
    const { Images: [image] = [] } = await ec2.describeImages({ ImageIds: [imageId], IncludeDisabled: true });
    return image;
  } catch (error) {
    if (isCode(error, 'InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable', 'InvalidAMIID.Malformed')) {
      return undefined;
    }
    throw error;
  }
}
