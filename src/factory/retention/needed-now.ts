/** Asked anew right before an image is taken away, and right after: what was planned may not be true any more. */
import type { Image } from '@aws-sdk/client-ec2';
import { inBatches } from '../aws/in-batches.ts';
import { tagsOf } from '../aws/tags.ts';
import { neededBy } from './decide.ts';
import { isProtected } from './managed-images.ts';
import { findReferences, type Place, type ReferenceSources } from './references.ts';
import { tagKeys } from './tags.ts';

/** By image id, why it must not go. One that isn't there any more has a reason too. */
export async function neededNow(
  sources: ReferenceSources,
  place: Place,
  imageIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const images = new Map((await describe(place, imageIds)).map((image) => [image.ImageId ?? '', image]));
  const references = await findReferences(
    sources,
    place,
    imageIds.filter((imageId) => images.has(imageId)),
  );
  return new Map(
    imageIds.flatMap((imageId) => {
      const because = ownReason(images.get(imageId)) ?? neededBy(references.get(imageId) ?? []);
      return because === undefined ? [] : [[imageId, because] as const];
    }),
  );
}

function ownReason(image: Image | undefined): string | undefined {
  if (image === undefined) return 'it is gone already';
  const pin = tagsOf(image)[tagKeys.pin];
  if (pin !== undefined) return `it is pinned: ${pin}`;
  return isProtected(image) ? 'it is protected against deregistration' : undefined;
}

async function describe({ target, region }: Place, imageIds: readonly string[]): Promise<readonly Image[]> {
  const client = await target.client(region);
  const found: Image[] = [];
  for (const Values of inBatches(imageIds)) {
    const Filters = [{ Name: 'image-id', Values }];
    const request = { Owners: ['self'], Filters, IncludeDeprecated: true, IncludeDisabled: true };
    found.push(...((await client.describeImages(request)).Images ?? []));
  }
  return found;
}
