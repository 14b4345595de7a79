/** Does what a plan says. One image that can't go holds up no other, and is told with its reason. */
import { deleteSnapshot } from '../aws/delete-snapshot.ts';
import type { Target } from '../targets/target.ts';
import type { ManagedImage } from './managed-image.ts';
import type { CleanupPlan } from './plan-cleanup.ts';
import { deleteImage, moveToBin } from './retire-image.ts';

export interface CleanupOptions {
  readonly target: Target;
  readonly now: Date;
  /** How long an image lies in the bin. 0: none does, it is deleted at once. */
  readonly binDays: number;
  onDone?(done: CleanupStep): void;
}

export interface CleanupStep {
  readonly region: string;
  readonly what: 'binned' | 'deleted' | 'snapshot-deleted' | 'kept' | 'failed';
  /** An image's or a snapshot's. */
  readonly id: string;
  readonly name: string;
  readonly freedBytes: number;
  readonly reason?: string;
}

const dayMs = 86_400_000;

export async function applyCleanup(
  plan: CleanupPlan,
  options: CleanupOptions,
): Promise<readonly CleanupStep[]> {
  const { target, now, binDays } = options;
  const steps: CleanupStep[] = [];
  const attempt = async (step: Attempt, work: () => Promise<Outcome>) => {
    const done = await outcomeOf(step, work);
    steps.push(done);
    options.onDone?.(done);
  };
  const remove = (image: ManagedImage) =>
    attempt(named(image), async () => {
      const { keptSnapshots } = await deleteImage({ target, region: image.region }, image);
      const kept = keptSnapshots.length;
      return {
        what: 'deleted',
        freedBytes: kept === 0 ? image.sizeBytes : 0,
        ...(kept === 0 ? {} : { reason: `other images stand on ${kept} of its snapshots` }),
      };
    });
  const bin = (image: ManagedImage) =>
    attempt(named(image), async () => {
      const deleteAfter = new Date(now.getTime() + binDays * dayMs);
      await moveToBin({ target, region: image.region }, image, { now, deleteAfter });
      return {
        what: 'binned',
        freedBytes: 0,
        reason: `deleted after ${deleteAfter.toISOString().slice(0, 10)}`,
      };
    });

  const going = plan.decisions.filter(({ fate }) => fate === 'go').map(({ image }) => image);
  for (const image of going) await (binDays === 0 ? remove(image) : bin(image));
  for (const image of plan.expired) await remove(image);
  for (const { snapshotId, imageId, region, sizeBytes } of plan.orphans) {
    const name = `left over from ${imageId}`;
    await attempt({ region, id: snapshotId, name }, async () =>
      (await deleteSnapshot(await target.client(region), snapshotId))
        ? { what: 'snapshot-deleted', freedBytes: sizeBytes }
        : { what: 'kept', freedBytes: 0, reason: 'an image stands on it' },
    );
  }
  return steps;
}

type Attempt = Pick<CleanupStep, 'region' | 'id' | 'name'>;
type Outcome = Omit<CleanupStep, keyof Attempt>;

async function outcomeOf(step: Attempt, work: () => Promise<Outcome>): Promise<CleanupStep> {
  try {
    return { ...step, ...(await work()) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...step, what: 'failed', freedBytes: 0, reason };
  }
}

function named({ region, imageId, name }: ManagedImage): Attempt {
  return { region, id: imageId, name };
}
