/** A cleanup as people ask for it: planned from rules given or the templates' own, and done where it is wanted. */
import type { Factory } from '../factory.ts';
import { loadTemplate } from '../templates/load-template.ts';
import { TemplateErrors } from '../templates/template-errors.ts';
import { applyCleanup, type CleanupStep } from './apply-cleanup.ts';
import { type CleanupPlan, planCleanup } from './plan-cleanup.ts';
import { hasRules, type RetentionRules } from './rules.ts';
import { accountsOf } from './sources/accounts.ts';
import { instancesOf } from './sources/instances.ts';
import { launchTemplatesOf } from './sources/launch-templates.ts';
import { channelsOf, childrenOf } from './sources/registry.ts';

export interface CleanupOrder {
  readonly target: string;
  /** All of the target's unless told. */
  readonly region?: string | undefined;
  /** One template's images alone. */
  readonly template?: string | undefined;
  /** For every template; without any, each template's own `retention` counts. */
  readonly rules: RetentionRules;
}

export async function cleanupPlan(factory: Factory, order: CleanupOrder): Promise<CleanupPlan> {
  const target = await factory.targets.get(order.target);
  return await planCleanup(factory, {
    target,
    regions: order.region === undefined ? target.regions : [order.region],
    ...(order.template === undefined ? {} : { template: order.template }),
    rulesOf: await rulesFor(factory, order),
    fleets: [],
    sources: [channelsOf(factory), childrenOf(factory), instancesOf, launchTemplatesOf, accountsOf],
  });
}

/**
 * Does what a new plan says, `only` to images and snapshots that the caller has seen: what became unneeded meanwhile
 * waits for the next time, and what became needed stays.
 */
export async function cleanUp(
  factory: Factory,
  order: CleanupOrder,
  options: { readonly binDays: number; readonly only?: readonly string[] | undefined },
): Promise<readonly CleanupStep[]> {
  const plan = await cleanupPlan(factory, order);
  const target = await factory.targets.get(order.target);
  const isSeen = (id: string) => options.only?.includes(id) ?? true;
  return await applyCleanup(
    {
      ...plan,
      decisions: plan.decisions.filter(({ image }) => isSeen(image.imageId)),
      expired: plan.expired.filter(({ imageId }) => isSeen(imageId)),
      orphans: plan.orphans.filter(({ snapshotId }) => isSeen(snapshotId)),
    },
    { target, now: factory.now(), binDays: options.binDays },
  );
}

async function rulesFor(factory: Factory, { rules, template }: CleanupOrder) {
  if (hasRules(rules)) return () => rules;
  const slugs = template === undefined ? await registeredTemplates(factory) : [template];
  const own = new Map<string, RetentionRules>();
  for (const slug of slugs) {
    const retention = await retentionOf(factory, slug);
    if (retention !== undefined) own.set(slug, retention);
  }
  return (image: { readonly template: string }) => own.get(image.template);
}

/** A template that is gone, or can't be read, has no rules: then its images stay. */
async function retentionOf(factory: Factory, slug: string): Promise<RetentionRules | undefined> {
  try {
    return (await loadTemplate(slug, { directories: factory.directories.templates })).retention;
  } catch (error) {
    if (error instanceof TemplateErrors) return undefined;
    throw error;
  }
}

async function registeredTemplates({ db }: Factory): Promise<readonly string[]> {
  const rows = await db.read.selectFrom('versions').select('template').distinct().execute();
  return rows.map((row) => row.template);
}
