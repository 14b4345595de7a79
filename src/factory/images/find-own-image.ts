/** One of the account's own images, by what people call it, with where it comes from. */
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { ancestryOf } from '../registry/ancestry.ts';
import { findImageVersion } from '../registry/find-versions.ts';
import { listOwnImages } from './list-own-images.ts';
import type { ListedImage, OwnImage } from './own-image.ts';
import { sizeImages } from './size-images.ts';

export interface ImageDetail {
  readonly image: OwnImage;
  /** The creation or build that made it. */
  readonly creationId?: string;
  /** What it was made from, nearest first. */
  readonly lineage: readonly {
    readonly imageId: string;
    readonly name?: string;
    readonly version?: string;
  }[];
}

export interface ImageQuestion {
  readonly target: string;
  readonly region?: string | undefined;
  /** An image's id or name, or a template, whose newest image it then is. */
  readonly name: string;
}

export async function findOwnImage(
  factory: Pick<Factory, 'db' | 'targets' | 'prices'>,
  { target, region, name }: ImageQuestion,
): Promise<ImageDetail> {
  const byId = /^ami-[0-9a-f]{8,17}$/.test(name);
  const images = await listOwnImages(factory, { target, region, ...(byId ? { imageIds: [name] } : {}) });
  const image = images.find((each) => each.imageId === name || each.name === name) ?? newestOf(images, name);
  if (image === undefined) {
    throw new FactoryError(
      'not-found',
      `No own image of ${target} has the id or name '${name}', and no template of that name has one. ` +
        'ingot ami list shows those that there are',
    );
  }
  const version = await findImageVersion(factory.db.read, target, image.imageId);
  const [sized] = await sizeImages(factory, [image]);
  return {
    image: sized as OwnImage,
    ...(version?.buildId === undefined ? {} : { creationId: version.buildId }),
    lineage: version === undefined ? parentOf(image) : await registered(factory, version),
  };
}

/** In the region where it was made before those that have a copy. */
function newestOf(images: readonly ListedImage[], template: string): ListedImage | undefined {
  const own = images.filter((each) => each.template === template);
  const [newest] = own;
  return (
    own.find(({ version, parentImageId }) => version === newest?.version && parentImageId !== undefined) ??
    newest
  );
}

function parentOf({ parentImageId }: ListedImage): ImageDetail['lineage'] {
  return parentImageId === undefined ? [] : [{ imageId: parentImageId }];
}

async function registered(
  factory: Pick<Factory, 'db' | 'targets'>,
  version: Parameters<typeof ancestryOf>[1],
): Promise<ImageDetail['lineage']> {
  const { images } = await ancestryOf(factory, version);
  return images.slice(1).map((each) => ({
    imageId: each.imageId,
    ...(each.name === undefined ? {} : { name: each.name }),
    ...(each.version === undefined ? {} : { version: `${each.version.template} ${each.version.version}` }),
  }));
}
