/** The account's own images. Cached steps, and what a run has not yet announced, are nobody's images. */
import type { Image } from '@aws-sdk/client-ec2';
import { tagKeys, tagsOf } from '../aws/tags.ts';
import { blockBytes } from '../costs/count-blocks.ts';
import { bytesPerGiB } from '../costs/image-cost.ts';
import type { Prices } from '../costs/prices.ts';
import type { Factory } from '../factory.ts';
import { findVersions } from '../registry/find-versions.ts';
import { listChannels } from '../registry/set-channel.ts';
import type { VersionEntry } from '../registry/version-row.ts';
import { snapshotBytes } from '../retention/estate.ts';
import type { Target } from '../targets/target.ts';
import type { OwnImage } from './own-image.ts';

export interface ImageChoice {
  readonly target: string;
  /** Every region of the target unless told. */
  readonly region?: string | undefined;
  readonly template?: string | undefined;
  /** Each must be there; a value of '' stands for any. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly imageIds?: readonly string[] | undefined;
}

type Context = Pick<Factory, 'db' | 'targets' | 'prices'>;

/** Newest first. */
export async function listOwnImages(factory: Context, choice: ImageChoice): Promise<readonly OwnImage[]> {
  const target = await factory.targets.get(choice.target);
  const regions = choice.region === undefined ? target.regions : [choice.region];
  const known = await knownOf(factory, target.name);
  const found = await Promise.all(regions.map((region) => imagesIn(target, { ...choice, region }, known)));
  return found
    .flat()
    .filter(({ template }) => choice.template === undefined || template === choice.template)
    .toSorted((a, b) => compare(b.createdAt, a.createdAt) || compare(b.imageId, a.imageId));
}

interface Known {
  readonly versions: ReadonlyMap<string, VersionEntry>;
  readonly channels: ReadonlyMap<string, readonly string[]>;
  /** Ids of runs whose images aren't announced yet. */
  readonly underWay: ReadonlySet<string>;
  readonly prices: Prices;
  /** Blocks by snapshot, as far as they were counted: see costs/count-blocks.ts. */
  readonly blocks: ReadonlyMap<string, number>;
}

async function knownOf({ db, prices }: Context, target: string): Promise<Known> {
  const [versions, pointers, runs, counts] = await Promise.all([
    findVersions(db.read, { target }),
    listChannels(db.read, { target }),
    db.read
      .selectFrom('workflow_runs')
      .select('id')
      .where('state', 'in', ['running', 'ending', 'held'])
      .execute(),
    db.read
      .selectFrom('snapshot_blocks')
      .select(['snapshot_id', (select) => select.fn.min('blocks').as('blocks')])
      .where('target', '=', target)
      .groupBy('snapshot_id')
      .execute(),
  ]);
  const channels = new Map<string, string[]>();
  for (const { imageId, channel } of pointers) {
    channels.set(imageId, [...(channels.get(imageId) ?? []), channel]);
  }
  return {
    versions: new Map(versions.map((version) => [version.imageId, version])),
    channels,
    underWay: new Set(runs.map(({ id }) => id)),
    prices: await prices.of(target),
    blocks: new Map(counts.map(({ snapshot_id: id, blocks }) => [id, Number(blocks)])),
  };
}

async function imagesIn(
  target: Target,
  { region, tags = {}, imageIds }: ImageChoice & { readonly region: string },
  known: Known,
): Promise<readonly OwnImage[]> {
  const { paginateDescribeImages, paginateDescribeSnapshots } = await import('@aws-sdk/client-ec2');
  const client = await target.client(region);
  const filters = [
    ...Object.entries(tags).map(([key, value]) => ({
      Name: `tag:${key}`,
      Values: [value === '' ? '*' : value],
    })),
    ...(imageIds === undefined ? [] : [{ Name: 'image-id', Values: [...imageIds] }]),
  ];
  const request = { Owners: ['self'], IncludeDeprecated: true, IncludeDisabled: true };
  const images: Image[] = [];
  for await (const page of paginateDescribeImages(
    { client, pageSize: 1000 },
    { ...request, ...(filters.length === 0 ? {} : { Filters: filters }) },
  )) {
    images.push(...(page.Images ?? []));
  }
  const announced = images.filter((image) => isAnnounced(image, known));
  if (announced.length === 0) return [];
  const sizes = new Map<string, number>();
  for await (const page of paginateDescribeSnapshots({ client, pageSize: 1000 }, { OwnerIds: ['self'] })) {
    for (const snapshot of page.Snapshots ?? []) {
      const { SnapshotId: id = '' } = snapshot;
      const blocks = known.blocks.get(id);
      sizes.set(id, blocks === undefined ? snapshotBytes(snapshot) : blocks * blockBytes);
    }
  }
  return announced.map((image) => toOwnImage({ target: target.name, region }, image, { ...known, sizes }));
}

function isAnnounced(image: Image, { underWay, versions }: Known): boolean {
  const tags = tagsOf(image);
  if (tags[tagKeys.cache] !== undefined) return false;
  return versions.has(image.ImageId ?? '') || !underWay.has(tags[tagKeys.build] ?? '');
}

function toOwnImage(
  { target, region }: { readonly target: string; readonly region: string },
  image: Image,
  { versions, channels, prices, sizes }: Known & { readonly sizes: ReadonlyMap<string, number> },
): OwnImage {
  const imageId = image.ImageId ?? '';
  const tags = tagsOf(image);
  const version = versions.get(imageId);
  const disks = (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs ?? []);
  const snapshotIds = disks.flatMap(({ SnapshotId }) => SnapshotId ?? []);
  const stored = snapshotIds.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0);
  const optional = {
    instanceId: image.SourceInstanceId ?? tags[tagKeys.instance],
    parentImageId: image.SourceImageId,
    lastLaunchedAt: image.LastLaunchedTime,
    template: version?.template ?? tags[tagKeys.template],
    version: version?.version ?? tags[tagKeys.version],
    consistency: tags[tagKeys.consistency],
    project: tags[tagKeys.project],
  };
  return {
    target,
    region,
    imageId,
    name: image.Name ?? '',
    description: image.Description ?? '',
    architecture: image.Architecture === 'arm64' ? 'arm64' : 'x86_64',
    owner: image.OwnerId ?? '',
    createdAt: image.CreationDate ?? '',
    state: image.State ?? '',
    public: image.Public ?? false,
    tags,
    sizeGiB: disks.reduce((sum, { VolumeSize = 0 }) => sum + VolumeSize, 0),
    snapshotIds,
    storedBytes: stored,
    storagePerMonth: (stored / bytesPerGiB) * prices.storagePerGiBMonth(region),
    ...definedOnly(optional),
    channels: channels.get(imageId) ?? [],
    proven: version?.proven ?? false,
    revoked: version?.revoked !== undefined,
  };
}

type Defined<T> = { readonly [Key in keyof T]?: Exclude<T[Key], undefined> };

function definedOnly<T extends object>(given: T): Defined<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Defined<T>;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
