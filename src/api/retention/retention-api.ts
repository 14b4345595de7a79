/** Retention: what would go and why, and letting it go. */
import { createRoute } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { cleanUp, cleanupPlan } from '../../factory/retention/cleanup.ts';
import { durationMs } from '../../factory/templates/duration.ts';
import { json, refusals, room } from '../room.ts';
import { toCleanupBody } from './cleanup-bodies.ts';
import { type CleanupRequest, cleanupResultSchema, cleanupSchema } from './retention-schema.ts';

const cleanupRoute = createRoute({
  method: 'post',
  path: '/ami/cleanup',
  operationId: 'cleanUpImages',
  summary: 'Weigh every image against the rules; without dry_run, let go of what nobody needs',
  request: { body: { ...json(cleanupSchema, 'Rules; without any, the templates’ own'), required: true } },
  responses: { 200: json(cleanupResultSchema, 'Each image with its fate and the reason'), ...refusals },
});

export function retentionApi(factory: Factory) {
  return room().openapi(cleanupRoute, async (c) => {
    const body = c.req.valid('json');
    const order = orderOf(body);
    if (body.dry_run) return c.json(toCleanupBody(await cleanupPlan(factory, order), undefined), 200);
    const { plan, steps } = await cleanUp(factory, order, { binDays: body.bin_days, only: body.only });
    return c.json(toCleanupBody(plan, steps), 200);
  });
}

function orderOf({ target, region, template, ...given }: CleanupRequest) {
  const rules = {
    keepLatest: given.keep_latest,
    maxAgeMs: given.max_age === undefined ? undefined : durationMs(given.max_age),
    unusedForMs: given.unused_for === undefined ? undefined : durationMs(given.unused_for),
    budgetGiB: given.budget_gb,
    budgetPerMonth: given.budget_per_month,
  };
  const isGiven = ([, value]: readonly [string, unknown]) => value !== undefined;
  return {
    ...{ target, region, template, deprecateDays: given.deprecate_days },
    rules: Object.fromEntries(Object.entries(rules).filter(isGiven)),
  };
}
