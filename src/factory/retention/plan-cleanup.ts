/** What a cleanup would do, image by image. It reads, and changes nothing. */
import type { Factory } from '../factory.ts';
import type { Target } from '../targets/target.ts';
import { type Decision, decide, referenceKey } from './decide.ts';
import { type FleetTags, findManagedImages, type KnownVersion } from './find-images.ts';
import type { ManagedImage } from './managed-image.ts';
import { findOrphanedSnapshots, type OrphanedSnapshot } from './orphaned-snapshots.ts';
import { findReferences, type Place, type Reference, type ReferenceSource } from './references.ts';
import type { RetentionRules } from './rules.ts';

export interface CleanupRequest {
  readonly target: Target;
  readonly regions: readonly string[];
  /** One template's images alone. */
  readonly template?: string;
  rulesOf(image: ManagedImage): RetentionRules | undefined;
  readonly fleets: readonly FleetTags[];
  readonly sources: readonly ReferenceSource[];
}

export interface CleanupPlan {
  /** Images outside the bin: each kept or to go, with its reason. */
  readonly decisions: readonly Decision[];
  /** In the bin, their last day over. */
  readonly expired: readonly ManagedImage[];
  /** In the bin for some days yet. */
  readonly binned: readonly ManagedImage[];
  readonly orphans: readonly (OrphanedSnapshot & { readonly region: string })[];
}

export async function planCleanup(factory: Factory, request: CleanupRequest): Promise<CleanupPlan> {
  const plans = await Promise.all(
    request.regions.map((region) => planRegion(factory, request, { target: request.target, region })),
  );
  return {
    decisions: plans.flatMap((plan) => plan.decisions),
    expired: plans.flatMap((plan) => plan.expired),
    binned: plans.flatMap((plan) => plan.binned),
    orphans: plans.flatMap((plan) => plan.orphans),
  };
}

async function planRegion(factory: Factory, request: CleanupRequest, place: Place): Promise<CleanupPlan> {
  const now = factory.now();
  const known = await knownVersions(factory, place);
  const images = (await findManagedImages(place, { known, fleets: request.fleets })).filter(
    ({ template }) => request.template === undefined || template === request.template,
  );
  const [binned, inUse] = partition(images, (image) => image.deleteAfter !== undefined);
  const [expired, waiting] = partition(
    binned,
    (image) => Date.parse(image.deleteAfter ?? '') <= now.getTime(),
  );
  const isOurs = (imageId: string) =>
    known.has(imageId) &&
    (request.template === undefined || known.get(imageId)?.template === request.template);
  return {
    decisions: await decideWithReferences(request, place, inUse, now),
    expired,
    binned: waiting,
    orphans: (await findOrphanedSnapshots(place, isOurs)).map((orphan) => ({
      ...orphan,
      region: place.region,
    })),
  };
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
    const found = await findReferences(
      request.sources,
      place,
      unasked.map(({ imageId }) => imageId),
    );
    for (const image of unasked) references.set(referenceKey(image), found.get(image.imageId) ?? []);
  }
}

async function knownVersions(
  { db }: Factory,
  { target, region }: Place,
): Promise<ReadonlyMap<string, KnownVersion>> {
  const rows = await db.read
    .selectFrom('versions')
    .select(['image_id', 'template', 'version'])
    .where('target', '=', target.name)
    .where('region', '=', region)
    .execute();
  return new Map(rows.map(({ image_id, template, version }) => [image_id, { template, version }]));
}

function partition<T>(items: readonly T[], is: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [items.filter(is), items.filter((item) => !is(item))];
}
