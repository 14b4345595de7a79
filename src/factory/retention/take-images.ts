/**
 * Images of one region into the bin, and out of it for good. Whether somebody needs one is asked right before, and
 * again once it lies in the bin, where nobody can begin to use it: who came between gets it back.
 */
import { attempt, type Cleaner, type CleanupStep, type Outcome, placeOf, subjectOf } from './cleanup-step.ts';
import type { ManagedImage } from './managed-image.ts';
import { neededNow } from './needed-now.ts';
import { recordDeletion, recordRetirements } from './record-retirement.ts';
import { deleteImage, moveToBin, restoreImage } from './retire-image.ts';

export interface Going {
  readonly image: ManagedImage;
  readonly because: string;
}

const dayMs = 86_400_000;

export async function takeImages(cleaner: Cleaner, going: readonly Going[]): Promise<readonly CleanupStep[]> {
  const steps = new Map<string, CleanupStep>();
  const before = await reasonsToStay(cleaner, going);
  for (const { image } of going) {
    const reason = before.get(image.imageId);
    const binned = () => (reason === undefined ? bin(cleaner, image) : Promise.resolve(kept(reason)));
    steps.set(image.imageId, await attempt(subjectOf(image), binned));
  }
  const binned = going.filter(({ image }) => steps.get(image.imageId)?.what === 'binned');
  const after = await reasonsToStay(cleaner, binned);
  const retired: Going[] = [];
  for (const each of binned) {
    const { image } = each;
    const reason = after.get(image.imageId);
    if (reason !== undefined) steps.set(image.imageId, await revive(cleaner, { image, because: reason }));
    else if (cleaner.binDays === 0) steps.set(image.imageId, await remove(cleaner, each));
    else retired.push(each);
  }
  await recordRetirements(cleaner, retired);
  return [...steps.values()];
}

/** Out of the bin, their last day over. */
export async function removeImages(
  cleaner: Cleaner,
  expired: readonly Going[],
): Promise<readonly CleanupStep[]> {
  const reasons = await reasonsToStay(cleaner, expired);
  const steps: CleanupStep[] = [];
  for (const each of expired) {
    const reason = reasons.get(each.image.imageId);
    steps.push(
      await (reason === undefined
        ? remove(cleaner, each)
        : revive(cleaner, { image: each.image, because: reason })),
    );
  }
  return steps;
}

export async function revive(cleaner: Cleaner, { image, because }: Going): Promise<CleanupStep> {
  return await attempt(subjectOf(image), async () => {
    await restoreImage(placeOf(cleaner, image), image);
    return { what: 'restored', freedBytes: 0, reason: because };
  });
}

async function bin(cleaner: Cleaner, image: ManagedImage): Promise<Outcome> {
  const { now, binDays } = cleaner;
  const deleteAfter = new Date(now.getTime() + binDays * dayMs);
  await moveToBin(placeOf(cleaner, image), image, { now, deleteAfter });
  return { what: 'binned', freedBytes: 0, reason: `deleted after ${deleteAfter.toISOString().slice(0, 10)}` };
}

async function remove(cleaner: Cleaner, going: Going): Promise<CleanupStep> {
  const { image } = going;
  return await attempt(subjectOf(image), async () => {
    const { keptSnapshots } = await deleteImage(placeOf(cleaner, image), image);
    await recordDeletion(cleaner, going);
    const left = keptSnapshots.length;
    if (left === 0) return { what: 'deleted', freedBytes: image.sizeBytes };
    return { what: 'deleted', freedBytes: 0, reason: `other images stand on ${left} of its snapshots` };
  });
}

function kept(reason: string): Outcome {
  return { what: 'kept', freedBytes: 0, reason };
}

/** Of images of one region. */
async function reasonsToStay(
  cleaner: Cleaner,
  going: readonly Going[],
): Promise<ReadonlyMap<string, string>> {
  const [first] = going;
  if (first === undefined) return new Map();
  const ids = going.map(({ image }) => image.imageId);
  return await neededNow(cleaner.sources, placeOf(cleaner, first.image), ids);
}
