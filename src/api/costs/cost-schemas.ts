/** Costs as bodies. Money is in US dollars, and whole: rounding is for whoever shows it. */
import { z } from '@hono/zod-openapi';
import { bytesPerGiB } from '../../factory/costs/image-cost.ts';
import type { CostedImage, CostSum } from '../../factory/costs/list-costs.ts';
import type { Prices } from '../../factory/costs/prices.ts';
import type { TemplateComparison } from '../../factory/costs/template-comparison.ts';

export const pricesSchema = z
  .object({
    source: z.string().describe('Where the prices come from, with their days'),
    date: z.string(),
    billed: z.boolean().describe('False where they are what AWS would ask, and nobody does'),
  })
  .openapi('PricesUsed');

export const imageCostSchema = z
  .object({
    ami_id: z.string(),
    name: z.string(),
    region: z.string(),
    architecture: z.string(),
    created_at: z.string(),
    template: z.string().nullable(),
    version: z.string().nullable(),
    project: z.string().nullable(),
    stored_gb: z.number(),
    counted: z
      .enum(['unique-blocks', 'blocks', 'full-size'])
      .describe('What its bytes are: those that no older image holds, all of its blocks, or its whole disks'),
    storage_per_month: z.number(),
  })
  .openapi('ImageCost');

export const costSumSchema = z
  .object({
    name: z.string(),
    images: z.number(),
    stored_gb: z.number(),
    storage_per_month: z.number(),
  })
  .openapi('CostSum');

export const comparisonSchema = z
  .object({
    template: z.string(),
    reason: z.string().nullable().describe('Why nothing can be compared'),
    version: z.string().nullable(),
    set_up_seconds: z.number().nullable().describe('What its steps take on a machine that has none of them'),
    image_launch_seconds: z.number().nullable().describe('From the launch of the image to a shell on it'),
    instance_type: z.string().nullable(),
    instance_per_hour: z.number().nullable(),
    set_up_cost_per_launch: z.number().nullable(),
    storage_per_month: z.number().nullable(),
    build_cost: z.number().nullable().describe('Once'),
    launches: z.number().nullable().describe('In the last 30 days'),
    break_even_launches_per_month: z
      .number()
      .nullable()
      .describe('From so many launches on the image is cheaper'),
    launches_to_repay_build: z
      .number()
      .nullable()
      .describe('At the launches of the last 30 days; null: never'),
    saved_per_month: z.number().nullable().describe('Negative where the image is the dearer way'),
    saved_hours_per_month: z.number().nullable().describe('That nobody waited'),
  })
  .openapi('ImageOrSetUp');

export function toPrices({ source, date, billed }: Prices): z.output<typeof pricesSchema> {
  return { source, date, billed };
}

export function toImageCost(image: CostedImage): z.output<typeof imageCostSchema> {
  const { imageId, name, region, architecture, createdAt, counted, storagePerMonth } = image;
  return {
    ...{ ami_id: imageId, name, region, architecture, created_at: createdAt },
    template: image.template ?? null,
    version: image.version ?? null,
    project: image.project ?? null,
    ...{ stored_gb: toGb(image.storedBytes), counted, storage_per_month: storagePerMonth },
  };
}

export function toCostSum({ name, images, storedBytes, storagePerMonth }: CostSum) {
  return { name, images, stored_gb: toGb(storedBytes), storage_per_month: storagePerMonth };
}

export function toComparison(comparison: TemplateComparison): z.output<typeof comparisonSchema> {
  const known = comparison.measured ? comparison : undefined;
  return {
    template: comparison.template,
    reason: comparison.measured ? null : comparison.reason,
    version: known?.version ?? null,
    set_up_seconds: seconds(known?.setUpMs),
    image_launch_seconds: seconds(known?.imageLaunchMs),
    instance_type: known?.instanceType ?? null,
    instance_per_hour: known?.instancePerHour ?? null,
    set_up_cost_per_launch: known?.setUpCostPerLaunch ?? null,
    storage_per_month: known?.storagePerMonth ?? null,
    build_cost: known?.buildCost ?? null,
    launches: known?.launches ?? null,
    break_even_launches_per_month: known?.launchesPerMonth ?? null,
    launches_to_repay_build: known?.launchesToRepay ?? null,
    saved_per_month: known?.savedPerMonth ?? null,
    saved_hours_per_month: known === undefined ? null : known.savedMsPerMonth / 3_600_000,
  };
}

export function toGb(bytes: number): number {
  return Math.round((bytes / bytesPerGiB) * 1000) / 1000;
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms) / 1000;
}
