/** What a cleanup would do, image by image. It reads, and changes nothing. */

import { tagsOf } from '../aws/tags.ts';
import { imagesInBin } from '../deletions/recycle-bin.ts';
import type { Factory } from '../factory.ts';
import { latest } from '../registry/channel.ts';
import type { Target } from '../targets/target.ts';
import { type Decision, decide, neededBy, referenceKey } from './decide.ts';
import { readEstate } from './estate.ts';
import type { ManagedImage } from './managed-image.ts';
import { type FleetTags, fleetOf, type KnownVersion, managedImages } from './managed-images.ts';
import { type OrphanedSnapshot, orphanedSnapshots } from './orphaned-snapshots.ts';
import { findReferences, type Place, type Reference, type ReferenceSources } from './references.ts';
import type { RetentionRules } from './rules.ts';
import { type StagedDecision, staged } from './stages.ts';

export interface CleanupRequest {
  readonly target: Target;
  readonly regions: readonly string[];
  /** One template's images alone. */
  readonly template?: string;
  /** Between the day on which an image is deprecated and the one on which it goes. 0: it goes at once. */
  readonly deprecateDays: number;
  rulesOf(image: ManagedImage): RetentionRules | undefined;
  readonly fleets: readonly FleetTags[];
  readonly sources: ReferenceSources;
  /** Images that will be there: the others are weighed beside them. */
  readonly expected?: readonly ManagedImage[];
  /** US dollars. */
  pricePerGiBMonth(region: string): number;
}

export interface CleanupPlan {
  /** Images outside the bin, each with its reason. */
  readonly decisions: readonly StagedDecision[];
  /** In the bin, and somebody needs them: they come out of it. */
  readonly revived: readonly Revived[];
  /** In the bin, their last day over. */
  readonly expired: readonly ManagedImage[];
  /** In the bin for some days yet. */
  readonly binned: readonly ManagedImage[];
  readonly orphans: readonly (OrphanedSnapshot & { readonly region: string })[];
}

export interface Revived {
  readonly image: ManagedImage;
  readonly because: string;
}

export async function planCleanup(
  factory: Pick<Factory, 'db' | 'now'>,
  request: CleanupRequest,
): Promise<CleanupPlan> {
  const plans = await Promise.all(
    request.regions.map((region) => planRegion(factory, request, { target: request.target, region })),
  );
  return {
    decisions: plans.flatMap((plan) => plan.decisions),
    revived: plans.flatMap((plan) => plan.revived),
    expired: plans.flatMap((plan) => plan.expired),
    binned: plans.flatMap((plan) => plan.binned),
    orphans: plans.flatMap((plan) => plan.orphans),
  };
}

async function planRegion(
  factory: Pick<Factory, 'db' | 'now'>,
  request: CleanupRequest,
  place: Place,
): Promise<CleanupPlan> {
  const now = factory.now();
  const known = await knownVersions(factory, place);
  const retired = await retiredImages(factory, place);
  const { estate, recycled } = await readWithBin(place);
  const { fleets, deprecateDays } = request;
  const isAsked = (template: string | undefined) =>
    template !== undefined && (request.template === undefined || template === request.template);
  const recognition = { known, fleets, pricePerGiBMonth: request.pricePerGiBMonth(place.region) };
  const images = managedImages(place, estate, recognition).filter(({ template }) => isAsked(template));
  const expected = request.expected?.filter(({ region }) => region === place.region) ?? [];
  const [binned, inUse] = partition(images, (image) => image.deleteAfter !== undefined);
  const { revived, rest } = await reviveNeeded(request, place, binned);
  const [expired, waiting] = partition(
    rest,
    ({ deleteAfter = '' }) => Date.parse(deleteAfter) <= now.getTime(),
  );
  const decisions = await decideWithReferences(request, place, [...expected, ...inUse], now);
  return {
    decisions: decisions
      .filter(({ image }) => !expected.includes(image))
      .map((decision) => staged(decision, { now, deprecateDays })),
    revived,
    expired,
    binned: waiting,
    orphans: orphanedSnapshots(estate, (imageId, snapshot) => {
      const fleet = fleetOf(fleets, tagsOf(snapshot));
      const template = known.get(imageId)?.template ?? retired.get(imageId) ?? fleet?.template;
      return isAsked(template) && !recycled.has(imageId);
    }).map((orphan) => ({ ...orphan, region: place.region })),
  };
}

/**
 * `recycled`: images that EC2's own recycle bin gives back, whose snapshots wait for them. Asked before and after, so
 * that one which goes there or comes out meanwhile is seen in one of the three answers.
 */
async function readWithBin(place: Place) {
  const before = await imagesInBin(place);
  const estate = await readEstate(place);
  const recycled = [...before, ...(await imagesInBin(place))].map(({ ImageId = '' }) => ImageId);
  return { estate, recycled: new Set(recycled) };
}

/** References are looked for where the rules alone would let an image go: EC2 answers some of them one by one. */
async function decideWithReferences(
  request: CleanupRequest,
  place: Place,
  images: readonly ManagedImage[],
  now: Date,
): Promise<readonly Decision[]> {
  const references = new Map<string, readonly Reference[]>();
  for (;;) {
    const decisions = decide({ images, references, rulesOf: request.rulesOf, now });
    // A budget passes from an image that is needed to the next: so it is decided until every one that goes was asked for.
    const unasked = decisions
      .filter(({ fate, image }) => fate === 'go' && !references.has(referenceKey(image)))
      .map(({ image }) => image);
    if (unasked.length === 0) return decisions;
    const found = await findReferences(request.sources, place, idsOf(unasked));
    for (const image of unasked) references.set(referenceKey(image), found.get(image.imageId) ?? []);
  }
}

async function reviveNeeded(
  { sources }: CleanupRequest,
  place: Place,
  binned: readonly ManagedImage[],
): Promise<{ readonly revived: readonly Revived[]; readonly rest: readonly ManagedImage[] }> {
  const references = await findReferences(sources, place, idsOf(binned));
  const revived = binned.flatMap((image) => {
    const because = neededBy(references.get(image.imageId) ?? []) ?? pinnedBecause(image);
    return because === undefined ? [] : [{ image, because }];
  });
  const needed = new Set(revived.map(({ image }) => image));
  return { revived, rest: binned.filter((image) => !needed.has(image)) };
}

function pinnedBecause({ pin }: ManagedImage): string | undefined {
  return pin === undefined ? undefined : `it is pinned: ${pin}`;
}

/** With the channels that somebody pointed to each, now or once. */
async function knownVersions(
  { db }: Pick<Factory, 'db'>,
  { target, region }: Place,
): Promise<ReadonlyMap<string, KnownVersion>> {
  const moves = await db.read
    .selectFrom('channel_moves')
    .select(['to_image_id as imageId', 'channel'])
    .distinct()
    .where('target', '=', target.name)
    .where('region', '=', region)
    .where('channel', '!=', latest)
    .execute();
  const channels = Map.groupBy(moves, ({ imageId }) => imageId);
  const rows = await db.read
    .selectFrom('versions')
    .select(['image_id', 'template', 'version'])
    .where('target', '=', target.name)
    .where('region', '=', region)
    .execute();
  return new Map(
    rows.map(({ image_id, template, version }) => [
      image_id,
      { template, version, channels: (channels.get(image_id) ?? []).map(({ channel }) => channel) },
    ]),
  );
}

/** By image: the template. */
async function retiredImages(
  { db }: Pick<Factory, 'db'>,
  { target, region }: Place,
): Promise<ReadonlyMap<string, string>> {
  const rows = await db.read
    .selectFrom('retired_versions')
    .select(['image_id', 'template'])
    .where('target', '=', target.name)
    .where('region', '=', region)
    .execute();
  return new Map(rows.map(({ image_id, template }) => [image_id, template]));
}

function idsOf(images: readonly ManagedImage[]): readonly string[] {
  return images.map(({ imageId }) => imageId);
}

function partition<T>(items: readonly T[], is: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(is), items.filter((item) => !is(item))];
}
