/** A target whose EC2 is an estate in memory: it answers the calls that retention makes, and no others. */
import { EC2, type Filter, type Image } from '@aws-sdk/client-ec2';
import type { Target } from '../../targets/target.ts';
import { type Estate, estateRegion } from './estate.ts';

type Input = Readonly<Record<string, never>> & {
  readonly Filters?: readonly Filter[];
  readonly ImageId?: string;
  readonly ImageIds?: readonly string[];
  readonly Resources?: readonly string[];
  readonly Tags?: Image['Tags'];
  readonly SnapshotId?: string;
  readonly MaxResults?: number;
  readonly NextToken?: string;
};

type Call = (estate: Estate, input: Input) => object;

const calls: Readonly<Record<string, Call>> = {
  DescribeImages: (estate, { Filters, ImageIds, ...page }) => {
    const ids = ImageIds ?? valuesOf(Filters, 'image-id');
    const found =
      ids === undefined ? [...estate.images.values()] : ids.flatMap((id) => estate.images.get(id) ?? []);
    return paged('Images', found, page);
  },
  DescribeSnapshots: (estate, { Filters, ...page }) => {
    const key = valuesOf(Filters, 'tag-key')?.[0];
    const all = [...estate.snapshots.values()];
    const isTagged = ({ Tags = [] }: (typeof all)[number]) => Tags.some(({ Key }) => Key === key);
    return paged('Snapshots', key === undefined ? all : all.filter(isTagged), page);
  },
  DescribeInstances: (estate, { Filters }) => {
    const ids = new Set(valuesOf(Filters, 'image-id'));
    return {
      Reservations: [{ Instances: estate.instances.filter(({ ImageId = '' }) => ids.has(ImageId)) }],
    };
  },
  DescribeLaunchTemplates: () => ({
    LaunchTemplates: [{ LaunchTemplateId: 'lt-1', LaunchTemplateName: 'fleet' }],
  }),
  DescribeLaunchTemplateVersions: (estate) => ({ LaunchTemplateVersions: estate.launchTemplateVersions }),
  DescribeImageAttribute: (estate, { ImageId = '' }) => {
    const permission = estate.shares.get(ImageId);
    return { LaunchPermissions: permission === undefined ? [] : [permission] };
  },
  ListImagesInRecycleBin: () => ({ Images: [] }),
  CreateTags: (estate, { Resources = [], Tags = [] }) => {
    for (const image of imagesOf(estate, Resources)) image.Tags = [...(image.Tags ?? []), ...Tags];
    return {};
  },
  DeleteTags: (estate, { Resources = [], Tags = [] }) => {
    const keys = new Set(Tags.map(({ Key }) => Key));
    for (const image of imagesOf(estate, Resources)) {
      image.Tags = (image.Tags ?? []).filter(({ Key }) => !keys.has(Key));
    }
    return {};
  },
  DisableImage: (estate, { ImageId = '' }) => stateOf(estate, ImageId, 'disabled'),
  EnableImage: (estate, { ImageId = '' }) => stateOf(estate, ImageId, 'available'),
};

class EstateEc2 extends EC2 {
  readonly #estate: Estate;
  constructor(estate: Estate) {
    super({ region: estateRegion, credentials: { accessKeyId: 'a', secretAccessKey: 's' } });
    this.#estate = estate;
  }

  override async send(...[command]: never[]): Promise<never> {
    // What the SDK calls a command is an object of the class that is named for it.
    const { input } = command as unknown as { readonly input: Input };
    const name = Object(command).constructor.name.replace(/Command$/, '');
    const call = calls[name];
    if (call === undefined) throw new Error(`An estate in memory has no ${name}`);
    return call(this.#estate, input) as never;
  }
}

export function estateTarget(estate: Estate): Target {
  const ec2 = new EstateEc2(estate);
  return {
    name: 'local',
    kind: 'local',
    regions: [estateRegion],
    client: async () => ec2,
  } as unknown as Target;
}

function valuesOf(filters: readonly Filter[] | undefined, name: string): readonly string[] | undefined {
  return filters?.find(({ Name }) => Name === name)?.Values;
}

function paged(
  field: string,
  all: readonly unknown[],
  { MaxResults = all.length, NextToken }: Input,
): object {
  const from = Number(NextToken ?? 0);
  const to = from + MaxResults;
  return { [field]: all.slice(from, to), ...(to < all.length ? { NextToken: String(to) } : {}) };
}

function imagesOf(estate: Estate, ids: readonly string[]): readonly Image[] {
  return ids.flatMap((id) => estate.images.get(id) ?? []);
}

function stateOf(estate: Estate, id: string, state: Image['State']): object {
  for (const image of imagesOf(estate, [id])) image.State = state;
  return {};
}
