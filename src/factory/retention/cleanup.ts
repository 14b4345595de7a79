/** A cleanup as people ask for it: planned from rules given or those in force, and done where it is wanted. */
import { priceTable } from '../costs/prices.ts';
import type { Factory } from '../factory.ts';
import { applyCleanup } from './apply-cleanup.ts';
import type { CleanupStep } from './cleanup-step.ts';
import type { ManagedImage } from './managed-image.ts';
import { type CleanupPlan, planCleanup } from './plan-cleanup.ts';
import type { RetentionRules } from './rules.ts';
import { rulesFor } from './rules-for.ts';
import { everySource } from './sources/every-source.ts';

type Context = Pick<Factory, 'db' | 'now' | 'targets' | 'directories' | 'prices' | 'retention'>;

export interface CleanupOrder {
  readonly target: string;
  /** All of the target's unless told. */
  readonly region?: string | undefined;
  /** One template's images alone. */
  readonly template?: string | undefined;
  /** For every template; without any, those in force for each count. */
  readonly rules: RetentionRules;
  /** Images that will be there: the others are weighed beside them. */
  readonly expected?: readonly ManagedImage[];
  /** The configuration's unless told. */
  readonly deprecateDays?: number | undefined;
}

export async function cleanupPlan(factory: Context, order: CleanupOrder): Promise<CleanupPlan> {
  const target = await factory.targets.get(order.target);
  const prices = await priceTable(factory, order.target);
  return await planCleanup(factory, {
    target,
    regions: order.region === undefined ? target.regions : [order.region],
    ...(order.template === undefined ? {} : { template: order.template }),
    ...(order.expected === undefined ? {} : { expected: order.expected }),
    deprecateDays: order.deprecateDays ?? factory.retention.deprecateDays,
    rulesOf: await rulesFor(factory, order.rules),
    fleets: factory.retention.fleets,
    sources: everySource(factory),
    pricePerGiBMonth: prices.storagePerGiBMonth,
  });
}

/**
 * Does what a new plan says, `only` to images and snapshots that the caller has seen: what became unneeded meanwhile
 * waits for the next time, and what became needed stays.
 */
export async function cleanUp(
  factory: Context,
  order: CleanupOrder,
  options: { readonly binDays?: number | undefined; readonly only?: readonly string[] | undefined },
): Promise<{ readonly plan: CleanupPlan; readonly steps: readonly CleanupStep[] }> {
  const plan = seen(await cleanupPlan(factory, order), options.only);
  const steps = await applyCleanup(plan, {
    db: factory.db,
    now: factory.now(),
    target: await factory.targets.get(order.target),
    sources: everySource(factory),
    deprecateDays: order.deprecateDays ?? factory.retention.deprecateDays,
    binDays: options.binDays ?? factory.retention.binDays,
  });
  return { plan, steps };
}

function seen(plan: CleanupPlan, only: readonly string[] | undefined): CleanupPlan {
  if (only === undefined) return plan;
  const ids = new Set(only);
  return {
    ...plan,
    decisions: plan.decisions.filter(({ image }) => ids.has(image.imageId)),
    revived: plan.revived.filter(({ image }) => ids.has(image.imageId)),
    expired: plan.expired.filter(({ imageId }) => ids.has(imageId)),
    orphans: plan.orphans.filter(({ snapshotId }) => ids.has(snapshotId)),
  };
}
