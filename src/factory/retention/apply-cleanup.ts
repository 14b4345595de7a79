/** Does what a plan says. One image that can't go holds up no other, and is told with its reason. */
import { deleteSnapshot } from '../aws/delete-snapshot.ts';
import { inBatches } from '../aws/in-batches.ts';
import { attempt, type Cleaner, type CleanupStep, placeOf, subjectOf } from './cleanup-step.ts';
import { deprecateImage, takeBackDeprecation } from './deprecate-image.ts';
import type { CleanupPlan } from './plan-cleanup.ts';
import { retirementAfter, type StagedDecision } from './stages.ts';
import { type Going, removeImages, revive, takeImages } from './take-images.ts';

/** Looked at together, right before they go. */
const batchSize = 200;

export async function applyCleanup(
  plan: CleanupPlan,
  cleaner: Cleaner,
  onDone: (step: CleanupStep) => void = () => undefined,
): Promise<readonly CleanupStep[]> {
  const steps: CleanupStep[] = [];
  for await (const step of stepsOf(plan, cleaner)) {
    steps.push(step);
    onDone(step);
  }
  return steps;
}

async function* stepsOf(plan: CleanupPlan, cleaner: Cleaner): AsyncGenerator<CleanupStep> {
  for (const revived of plan.revived) yield await revive(cleaner, revived);
  for (const decision of plan.decisions) {
    if (decision.fate === 'deprecate' || decision.fate === 'spare') yield await mark(cleaner, decision);
  }
  const going = plan.decisions.filter(({ fate }) => fate === 'go');
  for (const batch of batches(going)) yield* await takeImages(cleaner, batch);
  const expired = plan.expired.map((image) => ({ image, because: 'its days in the bin are over' }));
  for (const batch of batches(expired)) yield* await removeImages(cleaner, batch);
  for (const orphan of plan.orphans) yield await removeSnapshot(cleaner, orphan);
}

async function mark(cleaner: Cleaner, { image, fate, because }: StagedDecision): Promise<CleanupStep> {
  const { now, deprecateDays } = cleaner;
  const place = placeOf(cleaner, image);
  return await attempt(subjectOf(image), async () => {
    if (fate === 'spare') await takeBackDeprecation(place, image);
    else await deprecateImage(place, image, { now, retireAfter: retirementAfter(now, deprecateDays) });
    return { what: fate === 'spare' ? 'spared' : 'deprecated', freedBytes: 0, reason: because };
  });
}

async function removeSnapshot(
  cleaner: Cleaner,
  { region, snapshotId, imageId, sizeBytes }: CleanupPlan['orphans'][number],
): Promise<CleanupStep> {
  const subject = { region, id: snapshotId, name: `left over from ${imageId}` };
  return await attempt(subject, async () =>
    (await deleteSnapshot(await cleaner.target.client(region), snapshotId))
      ? { what: 'snapshot-deleted', freedBytes: sizeBytes }
      : { what: 'kept', freedBytes: 0, reason: 'an image stands on it' },
  );
}

/** Each of one region. */
function batches(going: readonly Going[]): readonly (readonly Going[])[] {
  return [...Map.groupBy(going, ({ image }) => image.region).values()].flatMap((each) =>
    inBatches(each, batchSize),
  );
}
