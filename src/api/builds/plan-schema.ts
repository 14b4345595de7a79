/** A plan as the API shows it. */
import { z } from '@hono/zod-openapi';
import type { BuildPlan } from '../../factory/plan/plan-build.ts';

export const planSchema = z
  .object({
    template: z.string(),
    version: z.string(),
    target: z.string(),
    region: z.string(),
    architecture: z.enum(['x86_64', 'arm64']),
    ami_name: z.string(),
    base: z.object({ ami_id: z.string(), name: z.string(), ami_id_before: z.string().nullable() }),
    steps: z.array(
      z.object({
        name: z.string(),
        key: z.string(),
        cached: z.boolean(),
        why: z.string().nullable(),
        expected_seconds: z.number().nullable(),
      }),
    ),
    name_clashes: z.array(z.object({ region: z.string(), ami_id: z.string() })),
    permissions: z
      .array(
        z.object({ name: z.string(), status: z.enum(['passed', 'failed', 'unknown']), message: z.string() }),
      )
      .describe("What the target's login may not do, or is not known to"),
    tags: z.record(z.string(), z.string()),
    copy_to_regions: z.array(z.string()),
    share_with: z.array(z.string()),
    public: z.boolean(),
    channel_moves: z.array(
      z.object({ region: z.string(), channel: z.string(), from: z.string().nullable(), to: z.string() }),
    ),
    beyond_retention: z
      .array(z.object({ region: z.string(), version: z.string(), ami_id: z.string(), because: z.string() }))
      .describe('What a cleanup would let go of, once this version is there'),
    expected_seconds: z.number().nullable(),
    expected_cost: z.number().nullable().describe('US dollars'),
  })
  .openapi('BuildPlan');

export function toPlanBody(plan: BuildPlan): z.output<typeof planSchema> {
  const { input, base } = plan;
  const seconds = (ms: number | undefined) => (ms === undefined ? null : ms / 1000);
  return {
    template: input.template.slug,
    version: input.version,
    target: input.target,
    region: input.region,
    architecture: input.architecture,
    ami_name: input.imageName,
    base: { ami_id: base.imageId, name: base.name, ami_id_before: plan.baseBefore ?? null },
    steps: plan.steps.map(({ name, key, cached, why = null, expectedMs }) => ({
      name,
      key,
      cached,
      why,
      expected_seconds: seconds(expectedMs),
    })),
    name_clashes: plan.nameClashes.map(({ region, imageId }) => ({ region, ami_id: imageId })),
    permissions: [...plan.permissions],
    tags: plan.tags,
    copy_to_regions: [...input.copyTo],
    share_with: [...input.share.accounts],
    public: input.share.public,
    channel_moves: plan.channelMoves.map(({ from = null, ...move }) => ({ ...move, from })),
    beyond_retention: plan.beyondRetention.map(({ imageId, ...each }) => ({ ...each, ami_id: imageId })),
    expected_seconds: seconds(plan.expectedMs),
    expected_cost: plan.expectedCost ?? null,
  };
}
