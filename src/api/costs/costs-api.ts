/** What images cost, and whether an image pays. */
import { createRoute, z } from '@hono/zod-openapi';
import { listCosts, sumOf, sumsBy } from '../../factory/costs/list-costs.ts';
import { compareTemplate } from '../../factory/costs/template-comparison.ts';
import type { Factory } from '../../factory/factory.ts';
import { json, refusals, room } from '../room.ts';
import {
  comparisonSchema,
  costSumSchema,
  imageCostSchema,
  pricesSchema,
  toComparison,
  toCostSum,
  toImageCost,
  toPrices,
} from './cost-schemas.ts';

const unanswered = z
  .array(z.object({ region: z.string(), reason: z.string() }))
  .describe('What is there is unknown, not nothing');

const costsRoute = createRoute({
  method: 'get',
  path: '/ami/costs',
  operationId: 'listImageCosts',
  summary: 'What images cost, by image, template and project, and from how many launches an image pays',
  request: {
    query: z.object({
      target: z.string().default('local'),
      region: z.string().optional().describe('All of the target’s unless told'),
      template: z.string().optional(),
      project: z.string().optional(),
      image: z.string().optional().describe('Its id or name'),
    }),
  },
  responses: {
    200: json(
      z
        .object({
          prices: pricesSchema,
          images: z.array(imageCostSchema).describe('Dearest first'),
          templates: z.array(costSumSchema),
          projects: z.array(costSumSchema),
          total: costSumSchema,
          comparisons: z
            .array(comparisonSchema)
            .describe('Of each template: its image, or its steps each time'),
          unanswered,
        })
        .openapi('Costs'),
      'The costs',
    ),
    ...refusals,
  },
});

export function costsApi(factory: Factory) {
  return room().openapi(costsRoute, async (c) => {
    const question = c.req.valid('query');
    const costs = await listCosts(factory, question);
    const templates = sumsBy(costs.images, ({ template }) => template);
    const comparisons = await Promise.all(
      templates.map(({ name }) =>
        compareTemplate(factory, costs, { target: question.target, template: name }),
      ),
    );
    const body = {
      prices: toPrices(costs.prices),
      images: costs.images.map(toImageCost),
      templates: templates.map(toCostSum),
      projects: sumsBy(costs.images, ({ project }) => project).map(toCostSum),
      total: toCostSum({ name: 'all', ...sumOf(costs.images) }),
      comparisons: comparisons.map(toComparison),
      unanswered: [...costs.unanswered],
    };
    return c.json(body, 200);
  });
}
