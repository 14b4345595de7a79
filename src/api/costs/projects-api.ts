/** Projects: what their images cost a month, and the budgets that hold them. */
import { createRoute, z } from '@hono/zod-openapi';
import { type Budget, budgetState, removeBudget, setBudget } from '../../factory/costs/kept-budgets.ts';
import { listProjects } from '../../factory/costs/project-costs.ts';
import type { Factory } from '../../factory/factory.ts';
import { allowed, json, orNull, refusals, room } from '../room.ts';

const projectName = z.string().min(1).max(256).describe('As the tag ingot:project of its images says');

const budgetSchema = z
  .object({
    per_month: z.number().describe('US dollars'),
    over: z.enum(['warn', 'refuse']).describe('What happens to an image that goes beyond it'),
    set_at: z.string(),
    by: z.string(),
  })
  .openapi('Budget');

const listRoute = createRoute({
  method: 'get',
  path: '/projects',
  operationId: 'listProjects',
  summary: 'List projects, dearest first, on all targets',
  responses: {
    200: json(
      z.object({
        projects: z.array(
          z
            .object({
              name: z.string(),
              images: z.number(),
              storage_per_month: z.number().describe('US dollars'),
              budget: orNull(budgetSchema),
              state: z
                .enum(['within', 'near', 'beyond'])
                .nullable()
                .describe('Of the budget; near from 80 % on'),
            })
            .openapi('Project'),
        ),
        unanswered: z.array(z.object({ target: z.string(), region: z.string(), reason: z.string() })),
      }),
      'The projects',
    ),
    ...refusals,
  },
});

const setRoute = createRoute({
  method: 'put',
  path: '/projects/{project}/budget',
  operationId: 'setBudget',
  summary: 'Give a project a budget, in place of the one that it has',
  request: {
    params: z.object({ project: projectName }),
    body: {
      ...json(
        z
          .strictObject({
            per_month: z.number().min(0).max(1e9).describe('US dollars, for the storage of its images'),
            over: z.enum(['warn', 'refuse']).default('warn'),
            by: z.string().min(1).max(200).default('api'),
          })
          .openapi('NewBudget'),
        'The budget',
      ),
      required: true,
    },
  },
  responses: { 200: json(budgetSchema, 'The budget'), ...refusals },
  ...allowed('admin'),
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/projects/{project}/budget',
  operationId: 'removeBudget',
  summary: "Take a project's budget away",
  request: { params: z.object({ project: projectName }) },
  responses: { 200: json(z.object({ project: z.string() }), 'It has none any more'), ...refusals },
  ...allowed('admin'),
});

export function projectsApi(factory: Factory) {
  return room()
    .openapi(listRoute, async (c) => {
      const { projects, unanswered } = await listProjects(factory);
      const body = projects.map(({ project, images, storagePerMonth, budget }) => ({
        ...{ name: project, images, storage_per_month: storagePerMonth },
        budget: budget === undefined ? null : toBody(budget),
        state: budget === undefined ? null : budgetState(storagePerMonth, budget),
      }));
      return c.json({ projects: body, unanswered: [...unanswered] }, 200);
    })
    .openapi(setRoute, async (c) => {
      const { per_month: perMonth, over, by } = c.req.valid('json');
      const { project } = c.req.valid('param');
      return c.json(toBody(await setBudget(factory, { project, perMonth, over, by })), 200);
    })
    .openapi(removeRoute, async (c) => {
      const { project } = c.req.valid('param');
      await removeBudget(factory, project);
      return c.json({ project }, 200);
    });
}

function toBody({ perMonth, over, setAt, by }: Budget): z.output<typeof budgetSchema> {
  return { per_month: perMonth, over, set_at: setAt, by };
}
