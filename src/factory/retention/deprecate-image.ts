/** The first stage: launches go on, and whoever lists images to launch doesn't see it any more. */
import { isCode } from '../aws/until.ts';
import type { ManagedImage } from './managed-image.ts';
import type { Place } from './references.ts';
import { tagKeys } from './tags.ts';

type ImageName = Pick<ManagedImage, 'imageId'>;

const soonMs = 2 * 60_000;

/** EC2 takes no time that is past, and counts whole minutes. */
export async function deprecateImage(
  place: Place,
  { imageId }: ImageName,
  when: { readonly now: Date; readonly retireAfter: string },
): Promise<void> {
  const client = await place.target.client(place.region);
  const Tags = [{ Key: tagKeys.retireAfter, Value: when.retireAfter }];
  await client.createTags({ Resources: [imageId], Tags });
  const DeprecateAt = new Date(when.now.getTime() + soonMs);
  try {
    await client.enableImageDeprecation({ ImageId: imageId, DeprecateAt });
  } catch (error) {
    // An EC2 without deprecation: the tag alone counts the days.
    if (!isCode(error, 'InvalidAction', 'UnsupportedOperation')) throw error;
  }
}

export async function takeBackDeprecation(place: Place, { imageId }: ImageName): Promise<void> {
  const client = await place.target.client(place.region);
  try {
    await client.disableImageDeprecation({ ImageId: imageId });
  } catch (error) {
    if (!isCode(error, 'InvalidAction', 'UnsupportedOperation')) throw error;
  }
  await client.deleteTags({ Resources: [imageId], Tags: [{ Key: tagKeys.retireAfter }] });
}
