/**
 * How an image goes: into the bin first (disabled, so that nobody launches it, and tagged with its last day), and from
 * there for good. Each step can be repeated: what is done already is found done.
 */
import type { Image } from '@aws-sdk/client-ec2';
import { deleteSnapshot } from '../aws/delete-snapshot.ts';
import { tagsOf } from '../aws/tags.ts';
import { isCode } from '../aws/until.ts';
import { FactoryError } from '../factory-error.ts';
import { takeBackDeprecation } from './deprecate-image.ts';
import type { ManagedImage } from './managed-image.ts';
import { snapshotIdsOf } from './managed-images.ts';
import type { Place } from './references.ts';
import { tagKeys } from './tags.ts';

type ImageName = Pick<ManagedImage, 'imageId'>;

export async function moveToBin(
  place: Place,
  { imageId }: ImageName,
  when: { readonly now: Date; readonly deleteAfter: Date },
): Promise<void> {
  const client = await place.target.client(place.region);
  // The day first: an image that is disabled and has none would lie there for ever.
  await client.createTags({
    Resources: [imageId],
    Tags: [
      { Key: tagKeys.binnedAt, Value: when.now.toISOString() },
      { Key: tagKeys.deleteAfter, Value: when.deleteAfter.toISOString() },
    ],
  });
  await client.disableImage({ ImageId: imageId });
}

/** Takes it out of the bin. Who it was shared with EC2 has forgotten. */
export async function restoreImage(place: Place, { imageId }: ImageName): Promise<void> {
  const image = await findImage(place, imageId);
  if (image === undefined) {
    throw new FactoryError(
      'not-found',
      `${imageId} is not in ${place.region} of ${place.target.name} any more`,
    );
  }
  const client = await place.target.client(place.region);
  if (image.State === 'disabled') await client.enableImage({ ImageId: imageId });
  if (tagsOf(image)[tagKeys.retireAfter] !== undefined) await takeBackDeprecation(place, { imageId });
  await client.deleteTags({
    Resources: [imageId],
    Tags: [{ Key: tagKeys.binnedAt }, { Key: tagKeys.deleteAfter }],
  });
}

export interface DeletedImage {
  readonly deletedSnapshots: readonly string[];
  /** Those that another image stands on. */
  readonly keptSnapshots: readonly string[];
}

/** Deregisters it and deletes those of its snapshots that no other image uses. */
export async function deleteImage(place: Place, { imageId }: ImageName): Promise<DeletedImage> {
  const client = await place.target.client(place.region);
  const image = await findImage(place, imageId);
  if (image === undefined) return { deletedSnapshots: [], keptSnapshots: [] };
  const snapshotIds = [...new Set(snapshotIdsOf(image))];
  await client.deregisterImage({ ImageId: imageId });
  const deleted: string[] = [];
  for (const snapshotId of snapshotIds) {
    if (await deleteSnapshot(client, snapshotId)) deleted.push(snapshotId);
  }
  return { deletedSnapshots: deleted, keptSnapshots: snapshotIds.filter((id) => !deleted.includes(id)) };
}

async function findImage(place: Place, imageId: string): Promise<Image | undefined> {
  const client = await place.target.client(place.region);
  const request = { ImageIds: [imageId], IncludeDisabled: true, IncludeDeprecated: true };
  try {
    return (await client.describeImages(request)).Images?.[0];
  } catch (error) {
    if (isCode(error, 'InvalidAMIID.NotFound', 'InvalidAMIID.Unavailable')) return undefined;
    throw error;
  }
}
