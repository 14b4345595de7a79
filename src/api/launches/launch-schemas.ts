/** What a name stands for at a launch, and what the launch would do: as bodies. */
import { z } from '@hono/zod-openapi';
import { type LaunchAnswer, type LaunchChoice, launchWays } from '../../factory/launches/launch-answer.ts';
import type { LaunchPlan } from '../../factory/launches/launch-plan.ts';
import { architecture } from '../registry/schemas.ts';

/** Query or body. */
export const question = {
  name: z
    .string()
    .min(1)
    .max(300)
    .describe('TEMPLATE, TEMPLATE@VERSION, CATALOGUE/TEMPLATE, an image’s id or name, a base image'),
  target: z.string().default('local'),
  region: z.string().optional().describe('The target’s first unless told'),
  architecture: architecture.optional().describe('What the template prefers, else the host’s, unless told'),
  version: z.string().optional().describe('A version or channel; stable, or else latest, unless told'),
  from: z.string().startsWith('/').optional().describe('A folder whose templates/ counts too'),
};

/** Query or body: the machine. */
export const machine = {
  size: z.string().max(64).optional().describe('S, M, L, XL, GPU-L or an instance type'),
};

export const resolutionSchema = z
  .object({
    outcome: z
      .enum(['image', 'revoked', 'fetch', 'build', 'none'])
      .describe('`fetch`: a catalogue has its disks. `build`: there is a template, and no image of it yet'),
    ami_id: z.string().nullable(),
    region: z.string().nullable().describe('Another than the one asked for: it is to be copied first'),
    architecture,
    way: z.enum(launchWays).nullable().describe('How it was found'),
    why: z.string().nullable().describe('The same, in words'),
    image_name: z.string().nullable(),
    ssh_user: z.string().nullable(),
    size_gb: z.number().nullable(),
    template: z.string().nullable(),
    version: z.string().nullable(),
    proven: z.boolean().describe('A machine launched from it passed its checks'),
    warnings: z.array(z.string()),
    reason: z.string().nullable().describe('Why it is revoked'),
    replacement: z.string().nullable().describe('What to launch in place of the revoked one'),
    steps: z
      .array(z.object({ way: z.enum(launchWays), found: z.boolean(), detail: z.string() }))
      .describe('What was asked, in order, and what it answered'),
  })
  .openapi('Resolution');

export const previewSchema = resolutionSchema
  .extend({
    instance_type: z.string(),
    disk_gb: z.number().nullable().describe('Of the root; the image’s own unless told'),
    ports: z.array(z.number()),
    price_per_hour: z.number().nullable().describe('In US dollars'),
    billed: z.boolean().describe('False where it is what AWS would ask, and nobody does'),
    prices: z.string().describe('Where the price is from'),
  })
  .openapi('LaunchPreview');

export function toResolution(answer: LaunchAnswer): z.output<typeof resolutionSchema> {
  const { outcome, architecture: asked, steps } = answer;
  return {
    outcome,
    ...toChoice(outcome === 'image' ? answer.choice : undefined, asked),
    ...(outcome === 'revoked' ? { ami_id: answer.imageId } : {}),
    ...(outcome === 'build' ? { template: answer.template } : {}),
    reason: outcome === 'revoked' ? answer.reason : null,
    replacement: outcome === 'revoked' ? (answer.replacement ?? null) : null,
    steps: [...steps],
  };
}

function toChoice(choice: LaunchChoice | undefined, asked: LaunchAnswer['architecture']) {
  return {
    ami_id: choice?.imageId ?? null,
    region: choice?.region ?? null,
    architecture: choice?.architecture ?? asked,
    way: choice?.way ?? null,
    why: choice?.why ?? null,
    image_name: choice?.imageName ?? null,
    ssh_user: choice?.sshUser ?? null,
    size_gb: choice?.sizeGiB ?? null,
    template: choice?.template ?? null,
    version: choice?.version ?? null,
    proven: choice?.proven ?? false,
    warnings: [...(choice?.warnings ?? [])],
  };
}

export function toPreview(plan: LaunchPlan): z.output<typeof previewSchema> {
  return {
    ...toResolution(plan.answer),
    instance_type: plan.instanceType,
    disk_gb: plan.diskGiB ?? null,
    ports: [...plan.ports],
    price_per_hour: plan.pricePerHour ?? null,
    billed: plan.billed,
    prices: plan.prices,
  };
}
