/** A plan and what was done of it, as the API tells them. */
import type { CleanupStep } from '../../factory/retention/cleanup-step.ts';
import type { ManagedImage } from '../../factory/retention/managed-image.ts';
import type { CleanupPlan } from '../../factory/retention/plan-cleanup.ts';
import type { CleanupBody, WeighedBody } from './retention-schema.ts';

export function toCleanupBody(plan: CleanupPlan, steps: readonly CleanupStep[] | undefined): CleanupBody {
  const lastDay = ({ deleteAfter = '' }: ManagedImage) => deleteAfter.slice(0, 10);
  const going = plan.decisions.filter(({ fate }) => fate === 'go').map(({ image }) => image);
  const freed = [...going, ...plan.expired];
  return {
    dry_run: steps === undefined,
    images: [
      ...plan.decisions.map(({ image, fate, because }) => toWeighed(image, fate, because)),
      ...plan.revived.map(({ image, because }) => toWeighed(image, 'restore', because)),
      ...plan.expired.map((image) =>
        toWeighed(image, 'delete', `its last day in the bin was ${lastDay(image)}`),
      ),
      ...plan.binned.map((image) => toWeighed(image, 'binned', `in the bin until ${lastDay(image)}`)),
    ],
    orphaned_snapshots: plan.orphans.map(({ region, snapshotId, imageId, sizeBytes }) => ({
      region,
      snapshot_id: snapshotId,
      ami_id: imageId,
      size_gb: toGb(sizeBytes),
    })),
    done: (steps ?? []).map(({ region, id, name, what, freedBytes, reason }) => ({
      ...{ region, id, name, what, freed_gb: toGb(freedBytes) },
      ...(reason === undefined ? {} : { reason }),
    })),
    freed_gb: toGb([...freed, ...plan.orphans].reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0)),
    freed_per_month: toDollars(freed.reduce((dollars, { costPerMonth }) => dollars + costPerMonth, 0)),
  };
}

function toWeighed(image: ManagedImage, fate: WeighedBody['fate'], because: string): WeighedBody {
  const { region, imageId, name, template, version, architecture, createdAt, sizeBytes, costPerMonth } =
    image;
  return {
    ...{ region, ami_id: imageId, name, template, version, architecture, created_at: createdAt },
    ...{ size_gb: toGb(sizeBytes), cost_per_month: toDollars(costPerMonth), fate, because },
  };
}

function toGb(bytes: number): number {
  return Math.round((bytes / 1024 ** 3) * 1000) / 1000;
}

function toDollars(amount: number): number {
  return Math.round(amount * 10_000) / 10_000;
}
