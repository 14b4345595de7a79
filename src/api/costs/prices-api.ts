/** The prices behind every figure of money, and asking AWS for its own. */
import { createRoute, z } from '@hono/zod-openapi';
import { fetchPrices } from '../../factory/costs/fetch-prices.ts';
import { priceTable } from '../../factory/costs/prices.ts';
import type { Factory } from '../../factory/factory.ts';
import { allowed, json, refusals, room } from '../room.ts';
import { pricesSchema, toPrices } from './cost-schemas.ts';

const listRoute = createRoute({
  method: 'get',
  path: '/prices',
  operationId: 'listPrices',
  summary: 'The prices that count on a target, in US dollars',
  request: {
    query: z.object({
      target: z.string().default('local'),
      instance_type: z.string().optional().describe('The builders’ of the target unless told'),
    }),
  },
  responses: {
    200: json(
      z
        .object({
          prices: pricesSchema,
          regions: z.array(
            z.object({
              region: z.string(),
              known: z.boolean().describe('False where no table has it: then it counts as us-east-1'),
              storage_per_gb_month: z.number(),
              transfer_per_gb: z
                .record(z.string(), z.number())
                .describe('To each other region of the target'),
              instance_type: z.string(),
              instance_per_hour: z.number().nullable(),
            }),
          ),
        })
        .openapi('Prices'),
      'The prices',
    ),
    ...refusals,
  },
});

const fetchRoute = createRoute({
  method: 'post',
  path: '/prices/fetch',
  operationId: 'fetchPrices',
  summary: 'Ask the Pricing API of AWS for its list prices, and keep them',
  request: {
    body: {
      ...json(z.strictObject({ target: z.string().describe('One of the kind aws') }), 'Whose keys ask'),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({ source: z.string(), date: z.string(), regions: z.array(z.string()) }),
      'What is kept',
    ),
    ...refusals,
  },
  ...allowed('admin'),
});

export function pricesApi(factory: Factory) {
  return room()
    .openapi(listRoute, async (c) => {
      const { target: name, instance_type: asked } = c.req.valid('query');
      const { regions, builder } = await factory.targets.get(name);
      const prices = await priceTable(factory, name);
      const type = asked ?? builder.instanceType.x86_64;
      const rows = regions.map((region) => ({
        region,
        known: prices.isKnown(region),
        storage_per_gb_month: prices.storagePerGiBMonth(region),
        transfer_per_gb: Object.fromEntries(
          regions.filter((to) => to !== region).map((to) => [to, prices.transferPerGiB(region, to)]),
        ),
        instance_type: type,
        instance_per_hour: prices.instancePerHour(type, region) ?? null,
      }));
      return c.json({ prices: toPrices(prices), regions: rows }, 200);
    })
    .openapi(fetchRoute, async (c) => {
      const { source, date, regions } = await fetchPrices(factory, c.req.valid('json').target);
      return c.json({ source, date, regions: Object.keys(regions) }, 200);
    });
}
