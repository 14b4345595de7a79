/** What deleting images would do. It reads, and changes nothing. */
import type { Image } from '@aws-sdk/client-ec2';
import { tagsOf } from '../aws/tags.ts';
import { imageCost } from '../costs/image-cost.ts';
import { priceTable } from '../costs/prices.ts';
import { storedSizes } from '../costs/stored-size.ts';
import type { Factory } from '../factory.ts';
import { findImageVersion } from '../registry/find-versions.ts';
import { channelChanges } from '../registry/withdraw.ts';
import type { Estate } from '../retention/estate.ts';
import { isProtected, snapshotIdsOf } from '../retention/managed-images.ts';
import { findReferences, type Reference, type ReferenceKind } from '../retention/references.ts';
import { everySource } from '../retention/sources/every-source.ts';
import { tagKeys } from '../retention/tags.ts';
import { type ChosenImages, chooseImages } from './choose-images.ts';
import type { DeletionOrder, PlannedDeletion, PlannedSnapshot } from './deletion.ts';

export type DeletionContext = Pick<Factory, 'db' | 'now' | 'targets' | 'directories' | 'prices'>;

export async function planDeletion(
  factory: DeletionContext,
  order: DeletionOrder,
): Promise<readonly PlannedDeletion[]> {
  const chosen = await chooseImages(factory, order);
  return (await Promise.all(chosen.map((each) => planRegion(factory, order, each)))).flat();
}

async function planRegion(
  factory: DeletionContext,
  order: DeletionOrder,
  { place, estate, images }: ChosenImages,
): Promise<readonly PlannedDeletion[]> {
  const ids = images.map(({ ImageId = '' }) => ImageId);
  const { many, one } = everySource(factory);
  // All are asked about each image: people are to see everyone who uses it.
  const references = await findReferences({ many: [...many, ...one], one: [] }, place, ids);
  const prices = await priceTable(factory, order.target);
  const sizes = await storedSizes(factory, place, estate, new Set(ids));
  return await Promise.all(
    images.map(async (image): Promise<PlannedDeletion> => {
      const imageId = image.ImageId ?? '';
      const uses = references.get(imageId) ?? [];
      const snapshots = plannedSnapshots(order, image, estate, ids);
      const goes = snapshots.some((each) => each.goes);
      const stored = sizes.get(imageId) ?? { bytes: 0, counted: 'unique-blocks' };
      const { storedBytes, storagePerMonth } = imageCost(prices, place.region, stored);
      const optional = { obstacle: obstacleTo(image), needed: neededBecause(image, uses) };
      return {
        ...{ target: place.target.name, region: place.region, imageId },
        ...{ name: image.Name ?? '', state: image.State ?? '', createdAt: image.CreationDate ?? '' },
        tags: tagsOf(image),
        snapshots,
        freedBytes: goes ? storedBytes : 0,
        freedPerMonth: goes ? storagePerMonth : 0,
        uses,
        ...(await registered(factory, place.target.name, imageId)),
        ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      };
    }),
  );
}

/** A snapshot goes where only images that go stand on it. */
function plannedSnapshots(
  { deregisterOnly }: DeletionOrder,
  image: Image,
  { images, snapshots }: Estate,
  going: readonly string[],
): readonly PlannedSnapshot[] {
  const others = images.filter(({ ImageId = '' }) => !going.includes(ImageId));
  return [...new Set(snapshotIdsOf(image))].map((snapshotId) => {
    const snapshot = snapshots.find((each) => each.SnapshotId === snapshotId);
    const user = others.find((other) => snapshotIdsOf(other).includes(snapshotId));
    const because = deregisterOnly
      ? 'only the image is deregistered'
      : snapshot === undefined
        ? "it is somebody else's"
        : user && `${user.ImageId} (${user.Name}) stands on it`;
    const goes = because === undefined;
    return { snapshotId, sizeGiB: snapshot?.VolumeSize ?? 0, goes, ...(goes ? {} : { because }) };
  });
}

async function registered({ db }: DeletionContext, target: string, imageId: string) {
  const entry = await findImageVersion(db.read, target, imageId);
  if (entry === undefined) return { channels: [] };
  const changes = await channelChanges(db.read, [entry]);
  const channels = changes.map(({ channel, to }) => ({
    channel,
    ...(to === undefined ? {} : { to: to.version }),
  }));
  return { template: entry.template, version: entry.version, channels };
}

function obstacleTo(image: Image): string | undefined {
  if (image.State === 'pending') return 'it is still being made';
  if (!isProtected(image)) return undefined;
  return 'EC2 protects it against deregistration: aws ec2 disable-image-deregistration-protection ends that';
}

/** Machines run on without their image, and yet can't be made anew; the others are led elsewhere or told by name. */
const needing: readonly ReferenceKind[] = [
  'instance',
  'launch-template',
  'account',
  'build',
  'deployment',
  'catalogue',
];

function neededBecause(image: Image, uses: readonly Reference[]): string | undefined {
  const pin = tagsOf(image)[tagKeys.pin];
  return pin === undefined
    ? uses.find(({ kind }) => needing.includes(kind))?.because
    : `it is pinned: ${pin}`;
}
