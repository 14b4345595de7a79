import type {
  GetImageAncestryRequest,
  GetImageAncestryResult,
  ImageAncestryEntry,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import type { ImageId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { findImage } from './find-image.ts';
import type { ImageRow } from './record.ts';
import { ownerAlias } from './to-image.ts';

type Ancestor = Pick<
  ImageRow,
  'image_id' | 'owner_id' | 'created_at' | 'source_image_id' | 'source_image_region'
>;

/** From the image up to the one that descends from none. The way goes on through images that are gone. */
export async function getImageAncestry(
  cloud: Cloud,
  input: GetImageAncestryRequest,
  caller: Caller,
): Promise<GetImageAncestryResult> {
  const image = await findImage(cloud, caller, input.ImageId);
  endDryRun(input);
  const entries: ImageAncestryEntry[] = [];
  for (let next: Ancestor | undefined = image; next !== undefined; next = await sourceOf(cloud, next)) {
    entries.push(toEntry(cloud, next));
  }
  return { ImageAncestryEntries: entries };
}

/** An image descends from one that was there before it, so the way up ends. */
async function sourceOf(cloud: Cloud, image: Ancestor): Promise<Ancestor | undefined> {
  const { source_image_id: id } = image;
  if (id === null) return undefined;
  return (await known(cloud, 'images', id)) ?? (await known(cloud, 'deregistered_images', id));
}

async function known(
  cloud: Cloud,
  table: 'images' | 'deregistered_images',
  imageId: ImageId,
): Promise<Ancestor | undefined> {
  return await cloud.db.read
    .selectFrom(table)
    .select(['image_id', 'owner_id', 'created_at', 'source_image_id', 'source_image_region'])
    .where('image_id', '=', imageId)
    .executeTakeFirst();
}

function toEntry(cloud: Cloud, image: Ancestor): ImageAncestryEntry {
  const alias = ownerAlias(cloud, image);
  return {
    ImageId: image.image_id,
    CreationDate: new Date(image.created_at),
    ...(alias === undefined ? {} : { ImageOwnerAlias: alias }),
    ...(image.source_image_id === null ? {} : { SourceImageId: image.source_image_id }),
    ...(image.source_image_region === null ? {} : { SourceImageRegion: image.source_image_region }),
  };
}
