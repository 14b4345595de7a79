/** The account's own images. Cached steps, and what a run has not yet announced, are nobody's images. */
import type { Image } from '@aws-sdk/client-ec2';
import { tagKeys, tagsOf } from '../aws/tags.ts';
import type { Factory } from '../factory.ts';
import { findVersions } from '../registry/find-versions.ts';
import { listChannels } from '../registry/set-channel.ts';
import type { VersionEntry } from '../registry/version-row.ts';
import type { Target } from '../targets/target.ts';
import type { ListedImage } from './own-image.ts';

export interface ImageChoice {
  readonly target: string;
  /** Every region of the target unless told. */
  readonly region?: string | undefined;
  readonly template?: string | undefined;
  /** Each must be there; a value of '' stands for any. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly imageIds?: readonly string[] | undefined;
}

type Context = Pick<Factory, 'db' | 'targets'>;

/** Newest first. */
export async function listOwnImages(factory: Context, choice: ImageChoice): Promise<readonly ListedImage[]> {
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
}

async function knownOf({ db }: Context, target: string): Promise<Known> {
  const [versions, pointers, runs] = await Promise.all([
    findVersions(db.read, { target }),
    listChannels(db.read, { target }),
    db.read
      .selectFrom('workflow_runs')
      .select('id')
      .where('state', 'in', ['running', 'ending', 'held'])
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
  };
}

async function imagesIn(
  target: Target,
  { region, tags = {}, imageIds }: ImageChoice & { readonly region: string },
  known: Known,
): Promise<readonly ListedImage[]> {
  const { paginateDescribeImages } = await import('@aws-sdk/client-ec2');
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
  return images
    .filter((image) => isAnnounced(image, known))
    .map((image) => toListed({ target: target.name, region }, image, known));
}

function isAnnounced(image: Image, { underWay, versions }: Known): boolean {
  const tags = tagsOf(image);
  if (tags[tagKeys.cache] !== undefined) return false;
  return versions.has(image.ImageId ?? '') || !underWay.has(tags[tagKeys.build] ?? '');
}

function toListed(
  { target, region }: { readonly target: string; readonly region: string },
  image: Image,
  { versions, channels }: Known,
): ListedImage {
  const imageId = image.ImageId ?? '';
  const tags = tagsOf(image);
  const version = versions.get(imageId);
  const disks = (image.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs ?? []);
  const snapshotIds = disks.flatMap(({ SnapshotId }) => SnapshotId ?? []);
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
