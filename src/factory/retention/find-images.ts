/** The images of one region that are ours to weigh: registered versions, and what an existing fleet's tags name. */
import type { Image } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../platform/ids.ts';
import { inBatches } from '../aws/in-batches.ts';
import { tagsOf } from '../aws/tags.ts';
import type { ManagedImage } from './managed-image.ts';
import type { Place } from './references.ts';
import { tagKeys } from './tags.ts';

/** Of a registered version. */
export interface KnownVersion {
  readonly template: string;
  readonly version: string;
}

/** How images that others made are recognised, and which tag holds their version. */
export interface FleetTags {
  /** 'KamiwazaDeploymentManager' */
  readonly managedBy: string;
  /** 'KamiwazaVersion' */
  readonly versionKey: string;
  /** What its images count as. */
  readonly template: string;
}

export interface ImagesToFind {
  readonly known: ReadonlyMap<string, KnownVersion>;
  readonly fleets: readonly FleetTags[];
}

/** Own images only. Those that are being deregistered, and those that nobody here knows, aren't among them. */
export async function findManagedImages(
  place: Place,
  { known, fleets }: ImagesToFind,
): Promise<readonly ManagedImage[]> {
  const { paginateDescribeImages } = await import('@aws-sdk/client-ec2');
  const client = await place.target.client(place.region);
  const images: Image[] = [];
  const request = { Owners: ['self'], IncludeDeprecated: true, IncludeDisabled: true };
  for await (const page of paginateDescribeImages({ client, pageSize: 500 }, request)) {
    images.push(...(page.Images ?? []));
  }
  const identified = images.flatMap((image) => {
    const identity = known.get(image.ImageId ?? '') ?? fleetIdentity(fleets, image);
    return identity === undefined ? [] : [{ image, identity }];
  });
  const sizes = await snapshotSizes(
    place,
    identified.flatMap(({ image }) => snapshotIdsOf(image)),
  );
  return identified.map(({ image, identity }) => toManagedImage(place, image, identity, sizes));
}

function fleetIdentity(fleets: readonly FleetTags[], image: Image): KnownVersion | undefined {
  const fleet = fleets.find(({ managedBy }) => tagsOf(image).ManagedBy === managedBy);
  if (fleet === undefined) return undefined;
  return { template: fleet.template, version: tagsOf(image)[fleet.versionKey] ?? '' };
}

function toManagedImage(
  { target, region }: Place,
  image: Image,
  { template, version }: KnownVersion,
  sizes: ReadonlyMap<string, number>,
): ManagedImage {
  const snapshotIds = snapshotIdsOf(image);
  const tags = tagsOf(image);
  const optional = {
    lastLaunchedAt: image.LastLaunchedTime,
    binnedAt: tags[tagKeys.binnedAt],
    deleteAfter: tags[tagKeys.deleteAfter],
    pin: tags[tagKeys.pin],
  };
  return {
    target: target.name,
    region,
    imageId: image.ImageId ?? '',
    name: image.Name ?? '',
    template,
    version,
    architecture: image.Architecture as Architecture,
    createdAt: image.CreationDate ?? new Date(0).toISOString(),
    state: image.State ?? '',
    isProtected: image.DeregistrationProtection?.startsWith('enabled') ?? false,
    snapshotIds,
    sizeBytes: snapshotIds.reduce((bytes, id) => bytes + (sizes.get(id) ?? 0), 0),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

async function snapshotSizes(
  place: Place,
  snapshotIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { paginateDescribeSnapshots } = await import('@aws-sdk/client-ec2');
  const sizes = new Map<string, number>();
  const client = await place.target.client(place.region);
  for (const Values of inBatches(snapshotIds)) {
    const Filters = [{ Name: 'snapshot-id', Values }];
    for await (const page of paginateDescribeSnapshots({ client }, { OwnerIds: ['self'], Filters })) {
      for (const { SnapshotId = '', FullSnapshotSizeInBytes, VolumeSize = 0 } of page.Snapshots ?? []) {
        sizes.set(SnapshotId, FullSnapshotSizeInBytes ?? VolumeSize * 1024 ** 3);
      }
    }
  }
  return sizes;
}

export function snapshotIdsOf(image: Image): readonly string[] {
  return (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
}
