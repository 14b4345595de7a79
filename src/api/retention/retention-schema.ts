import { z } from '@hono/zod-openapi';
import { durationMs } from '../../factory/templates/duration.ts';
import { architecture, places } from '../registry/schemas.ts';

const age = z
  .string()
  .refine((text) => durationMs(text) !== undefined, "must be a time such as '90d' or '12h'")
  .optional();

/** The configuration's unless told. */
function daysOf(what: string) {
  return z.int().min(0).max(365).optional().describe(what);
}

export const cleanupSchema = z
  .strictObject({
    target: places.target,
    region: places.region,
    template: z.string().optional().describe('One template’s images alone'),
    keep_latest: z
      .int()
      .min(0)
      .optional()
      .describe('By version: of each template, region and architecture, and of what each channel pointed to'),
    max_age: age.describe('Younger ones stay'),
    unused_for: age.describe('Those that were launched within it stay'),
    budget_gb: z
      .number()
      .min(0)
      .optional()
      .describe('Of each template, region and architecture: beyond it the oldest go'),
    budget_per_month: z.number().min(0).optional().describe('The same in US dollars a month'),
    deprecate_days: daysOf(
      'Between the day on which an image is deprecated and the one on which it goes; 0: it goes at once',
    ),
    bin_days: daysOf('How long they can be taken back; 0 deletes at once'),
    dry_run: z.boolean().default(true).describe('Only tell what would be done'),
    only: z.array(z.string()).optional().describe('Ids of images and snapshots: nothing else goes'),
  })
  .openapi('Cleanup');

export const weighedSchema = z
  .object({
    region: z.string(),
    ami_id: z.string(),
    name: z.string(),
    template: z.string(),
    version: z.string(),
    architecture,
    created_at: z.string(),
    size_gb: z.number(),
    cost_per_month: z.number().describe('US dollars'),
    fate: z
      .enum(['keep', 'spare', 'deprecate', 'deprecated', 'go', 'binned', 'restore', 'delete'])
      .describe(
        '`deprecate` marks it, `go` puts it into the bin, `delete` takes it out for good; `spare` and `restore` take these back',
      ),
    because: z.string(),
  })
  .openapi('WeighedImage');

export const cleanupResultSchema = z
  .object({
    dry_run: z.boolean(),
    images: z.array(weighedSchema).describe('Every image of ours, kept or not, with the reason'),
    orphaned_snapshots: z.array(
      z.object({ region: z.string(), snapshot_id: z.string(), ami_id: z.string(), size_gb: z.number() }),
    ),
    done: z
      .array(
        z.object({
          region: z.string(),
          id: z.string(),
          name: z.string(),
          what: z.enum([
            'deprecated',
            'spared',
            'binned',
            'restored',
            'deleted',
            'snapshot-deleted',
            'kept',
            'failed',
          ]),
          freed_gb: z.number(),
          reason: z.string().optional(),
        }),
      )
      .describe('Empty in a dry run'),
    freed_gb: z.number().describe('What is freed once the bin is empty; at most'),
    freed_per_month: z.number().describe('US dollars that it costs no more; at most'),
  })
  .openapi('CleanupResult');

export type WeighedBody = z.output<typeof weighedSchema>;
export type CleanupBody = z.output<typeof cleanupResultSchema>;
export type CleanupRequest = z.output<typeof cleanupSchema>;
