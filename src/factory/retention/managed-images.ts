/** The images of one region that are ours to weigh: registered versions, and what an existing fleet's tags name. */
import type { Image } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../platform/ids.ts';
import { type Tags, tagsOf } from '../aws/tags.ts';
import { type Estate, snapshotBytes } from './estate.ts';
import type { ManagedImage } from './managed-image.ts';
import type { Place } from './references.ts';
import { tagKeys } from './tags.ts';

/** Of a registered version. */
export interface KnownVersion {
  readonly template: string;
  readonly version: string;
  readonly channels: readonly string[];
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

export interface Recognition {
  readonly known: ReadonlyMap<string, KnownVersion>;
  readonly fleets: readonly FleetTags[];
  /** US dollars, of the region. */
  readonly pricePerGiBMonth: number;
}

/** Those that nobody here knows aren't among them. */
export function managedImages(place: Place, estate: Estate, by: Recognition): readonly ManagedImage[] {
  const sizes = new Map(
    estate.snapshots.map((snapshot) => [snapshot.SnapshotId ?? '', snapshotBytes(snapshot)]),
  );
  return estate.images.flatMap((image) => {
    const identity = by.known.get(image.ImageId ?? '') ?? fleetIdentity(by.fleets, tagsOf(image));
    if (identity === undefined) return [];
    const sizeBytes = snapshotIdsOf(image).reduce((bytes, id) => bytes + (sizes.get(id) ?? 0), 0);
    const costPerMonth = (sizeBytes / 1024 ** 3) * by.pricePerGiBMonth;
    return [toManagedImage(place, image, { ...identity, sizeBytes, costPerMonth })];
  });
}

export function fleetOf(fleets: readonly FleetTags[], tags: Tags): FleetTags | undefined {
  return fleets.find(({ managedBy }) => tags.ManagedBy === managedBy);
}

function fleetIdentity(fleets: readonly FleetTags[], tags: Tags): KnownVersion | undefined {
  const fleet = fleetOf(fleets, tags);
  if (fleet === undefined) return undefined;
  return { template: fleet.template, version: tags[fleet.versionKey] ?? '', channels: [] };
}

function toManagedImage(
  { target, region }: Place,
  image: Image,
  known: KnownVersion & Pick<ManagedImage, 'sizeBytes' | 'costPerMonth'>,
): ManagedImage {
  const tags = tagsOf(image);
  const optional = {
    lastLaunchedAt: image.LastLaunchedTime,
    retireAfter: tags[tagKeys.retireAfter],
    binnedAt: tags[tagKeys.binnedAt],
    deleteAfter: tags[tagKeys.deleteAfter],
    pin: tags[tagKeys.pin],
  };
  return {
    target: target.name,
    region,
    imageId: image.ImageId ?? '',
    name: image.Name ?? '',
    ...known,
    architecture: image.Architecture as Architecture,
    createdAt: image.CreationDate ?? new Date(0).toISOString(),
    state: image.State ?? '',
    isProtected: isProtected(image),
    snapshotIds: snapshotIdsOf(image),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

export function isProtected({ DeregistrationProtection }: Image): boolean {
  return DeregistrationProtection?.startsWith('enabled') ?? false;
}

export function snapshotIdsOf(image: Image): readonly string[] {
  return (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
}
