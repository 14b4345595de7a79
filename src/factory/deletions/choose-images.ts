/** Which images somebody means: by id, by name, or by a version of a template. */
import type { Image } from '@aws-sdk/client-ec2';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { findVersions } from '../registry/find-versions.ts';
import type { VersionEntry } from '../registry/version-row.ts';
import { type Estate, readEstate } from '../retention/estate.ts';
import type { Place } from '../retention/references.ts';
import type { DeletionOrder } from './deletion.ts';

export interface ChosenImages {
  readonly place: Place;
  readonly estate: Estate;
  readonly images: readonly Image[];
}

/** By region; never empty: throws `not-found` with what to look at. */
export async function chooseImages(
  { db, targets }: Pick<Factory, 'db' | 'targets'>,
  order: DeletionOrder,
): Promise<readonly ChosenImages[]> {
  const { image: named, version } = order;
  if (named === undefined && version === undefined) {
    throw new FactoryError('invalid', 'Name an image by its id or name, or a version');
  }
  const target = await targets.get(order.target);
  const ofVersion = new Set((await versionsMeant(db, order)).map(({ imageId }) => imageId));
  const isMeant = ({ ImageId = '', Name }: Image) =>
    ofVersion.has(ImageId) || (version === undefined && (ImageId === named || Name === named));
  const regions = order.region === undefined ? target.regions : [order.region];
  const chosen = await Promise.all(
    regions.map(async (region) => {
      const estate = await readEstate({ target, region });
      return { place: { target, region }, estate, images: estate.images.filter(isMeant) };
    }),
  );
  const found = chosen.filter(({ images }) => images.length > 0);
  if (found.length > 0) return found;
  const where = order.region === undefined ? target.name : `${order.region} of ${target.name}`;
  throw new FactoryError('not-found', await nothingMeant(db, order, where));
}

type Reader = Factory['db'];

async function versionsMeant(db: Reader, order: DeletionOrder): Promise<readonly VersionEntry[]> {
  const { target, region } = order;
  const [, template, name] = /^([^@]+)@(.+)$/s.exec(order.image ?? '') ?? [];
  const version = order.version ?? name;
  if (version === undefined) return [];
  return await findVersions(db.read, { target, region, version, template: template ?? order.image });
}

/** A template alone is refused with its versions: which of them is meant must be said. */
async function nothingMeant(db: Reader, { target, image, version }: DeletionOrder, where: string) {
  const named = [image, version].filter((part) => part !== undefined).join('@');
  const versions = version === undefined ? await findVersions(db.read, { target, template: image }) : [];
  if (versions.length === 0) {
    return `No image of yours in ${where} has the id, name or version '${named}': ingot ami list shows them`;
  }
  const names = [...new Set(versions.map((each) => each.version))].slice(0, 10);
  return `'${named}' is a template. Name a version of it: ${names.map((each) => `${named}@${each}`).join(', ')}`;
}
