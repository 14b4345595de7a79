/** CreateImage, once however often it is asked: the image has a name of its own, and is found by that. */
import type { CreateImageRequest, EC2 } from '@aws-sdk/client-ec2';
import { type Tags, tagged } from '../../aws/tags.ts';
import { isCode } from '../../aws/until.ts';
import type { Target } from '../../targets/target.ts';
import { taggedByCreateImage } from './tag-image.ts';

export interface WantedImage {
  readonly target: Pick<Target, 'kind'>;
  readonly request: Omit<CreateImageRequest, 'TagSpecifications'>;
  /** Of the image, and of its snapshots where the target tags those by itself; `tagImage` writes what is missing. */
  readonly tags: Tags;
  /** The id of the image if it was made before. */
  readonly made: () => Promise<string | undefined>;
}

export async function askForImage(ec2: EC2, { target, request, tags, made }: WantedImage): Promise<string> {
  const known = await made();
  if (known !== undefined) return known;
  try {
    const TagSpecifications = tagged(taggedByCreateImage(target), tags);
    const { ImageId } = await ec2.createImage({ ...request, TagSpecifications });
    if (ImageId !== undefined) return ImageId;
  } catch (error) {
    // The call was repeated because its answer was lost.
    const before = isCode(error, 'InvalidAMIName.Duplicate') ? await made() : undefined;
    if (before === undefined) throw error;
    return before;
  }
  throw new Error('The target made no image and gave no reason');
}
