/** What one's own images cost: each, and together by template and by project. */
import type { Image } from '@aws-sdk/client-ec2';
import { tagKeys, tagsOf } from '../aws/tags.ts';
import { readEstate } from '../retention/estate.ts';
import { type ImageCost, imageCost } from './image-cost.ts';
import type { CostParts } from './parts.ts';
import { type Prices, priceTable } from './prices.ts';
import { storedSizes } from './stored-size.ts';

export interface CostQuestion {
  readonly target: string;
  /** All of the target's unless told. */
  readonly region?: string | undefined;
  readonly template?: string | undefined;
  readonly project?: string | undefined;
  /** An image's id or name. */
  readonly image?: string | undefined;
}

export interface CostedImage extends ImageCost {
  readonly target: string;
  readonly region: string;
  readonly imageId: string;
  readonly name: string;
  readonly architecture: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly template?: string;
  readonly version?: string;
  readonly project?: string;
}

export interface Costs {
  readonly prices: Prices;
  /** Dearest first. */
  readonly images: readonly CostedImage[];
  /** What is there is unknown, not nothing. */
  readonly unanswered: readonly { readonly region: string; readonly reason: string }[];
}

export async function listCosts(parts: CostParts, question: CostQuestion): Promise<Costs> {
  const target = await parts.targets.get(question.target);
  const prices = await priceTable(parts, target.name);
  const versions = await registered(parts, target.name);
  const unanswered: { region: string; reason: string }[] = [];
  const inRegion = async (region: string): Promise<readonly CostedImage[]> => {
    try {
      const estate = await readEstate({ target, region });
      const sizes = await storedSizes(parts, { target, region }, estate);
      return estate.images.map((image) => {
        const stored = sizes.get(image.ImageId ?? '') ?? { bytes: 0, counted: 'unique-blocks' };
        const known = { ...ofTags(image), ...versions.get(image.ImageId ?? '') };
        return { target: target.name, region, ...known, ...imageCost(prices, region, stored) };
      });
    } catch (error) {
      unanswered.push({ region, reason: error instanceof Error ? error.message : String(error) });
      return [];
    }
  };
  const regions = question.region === undefined ? target.regions : [question.region];
  const images = (await Promise.all(regions.map(inRegion))).flat();
  return {
    prices,
    images: images
      .filter((image) => isAsked(question, image))
      .sort((a, b) => b.storagePerMonth - a.storagePerMonth || a.name.localeCompare(b.name)),
    unanswered,
  };
}

function isAsked({ template, project, image: asked }: CostQuestion, image: CostedImage): boolean {
  return (
    (template === undefined || image.template === template) &&
    (project === undefined || image.project === project) &&
    (asked === undefined || image.imageId === asked || image.name === asked)
  );
}

function ofTags(image: Image) {
  const tags = tagsOf(image);
  const optional = {
    template: tags[tagKeys.template],
    version: tags[tagKeys.version],
    project: tags[tagKeys.project],
  };
  return {
    imageId: image.ImageId ?? '',
    name: image.Name ?? '',
    architecture: image.Architecture ?? '',
    createdAt: image.CreationDate ?? '',
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/** What the registry says comes before a tag: an imported image has none. */
async function registered({ db }: CostParts, target: string) {
  const rows = await db.read
    .selectFrom('versions')
    .select(['image_id', 'template', 'version'])
    .where('target', '=', target)
    .execute();
  return new Map(rows.map(({ image_id, template, version }) => [image_id, { template, version }]));
}

export interface CostSum {
  readonly name: string;
  readonly images: number;
  readonly storedBytes: number;
  readonly storagePerMonth: number;
}

/** Dearest first; images without a name of that kind aren't in it. */
export function sumsBy(
  images: readonly CostedImage[],
  read: (image: CostedImage) => string | undefined,
): readonly CostSum[] {
  const named = images.flatMap((image) => {
    const name = read(image);
    return name === undefined ? [] : [{ name, image }];
  });
  return [...Map.groupBy(named, ({ name }) => name)]
    .map(([name, group]) => ({ name, ...sumOf(group.map(({ image }) => image)) }))
    .sort((a, b) => b.storagePerMonth - a.storagePerMonth || a.name.localeCompare(b.name));
}

export function sumOf(images: readonly ImageCost[]): Omit<CostSum, 'name'> {
  return {
    images: images.length,
    storedBytes: images.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    storagePerMonth: images.reduce((sum, { storagePerMonth }) => sum + storagePerMonth, 0),
  };
}
