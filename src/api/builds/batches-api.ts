/** Several builds at once, and what they would be. */
import { createRoute, z } from '@hono/zod-openapi';
import { changedTemplates } from '../../factory/builds/changed-templates.ts';
import { type BatchRequest, prepareBuilds, startBuilds } from '../../factory/builds/start-builds.ts';
import type { Factory } from '../../factory/factory.ts';
import { planBuild } from '../../factory/plan/plan-build.ts';
import { listTemplates } from '../../factory/templates/load-template.ts';
import { json, refusals, room } from '../room.ts';
import { planSchema, toPlanBody } from './plan-schema.ts';
import { buildRequestSchema, toBuildRequest } from './request-schema.ts';

const batchRequestSchema = buildRequestSchema
  .omit({ template: true, region: true, architecture: true, ami_name: true, copy_to_regions: true })
  .extend({
    templates: z.array(z.string()).optional().describe('All of the folder `templates` in `from` unless told'),
    regions: z.array(z.string()).optional(),
    architectures: z.array(z.enum(['x86_64', 'arm64'])).optional(),
    build_in_each: z.boolean().optional().describe('A build in each region, in place of one that is copied'),
    changed_since: z.string().min(1).optional().describe('Only templates that differ from this commit'),
  })
  .openapi('BatchRequest');

const jobSchema = z.object({
  template: z.string(),
  region: z.string(),
  architecture: z.enum(['x86_64', 'arm64']),
  copy_to_regions: z.array(z.string()),
});

const startRoute = createRoute({
  method: 'post',
  path: '/batches',
  operationId: 'startBatch',
  summary: 'Start a build for each template and architecture',
  request: { body: { ...json(batchRequestSchema, 'What to build'), required: true } },
  responses: {
    202: json(z.object({ batch_id: z.string(), builds: z.array(z.string()) }), 'They have begun'),
    ...refusals,
  },
});

const matrixRoute = createRoute({
  method: 'post',
  path: '/batches/matrix',
  operationId: 'listBatchJobs',
  summary: 'The builds that a batch would have, for a CI that runs each as a job of its own; starts nothing',
  request: { body: { ...json(batchRequestSchema, 'What to build'), required: true } },
  responses: { 200: json(z.object({ include: z.array(jobSchema) }), 'A build a line'), ...refusals },
});

const planRoute = createRoute({
  method: 'post',
  path: '/plans',
  operationId: 'planBuild',
  summary: 'What a build would do; changes nothing',
  request: { body: { ...json(buildRequestSchema, 'What to build'), required: true } },
  responses: { 200: json(planSchema, 'The plan'), ...refusals },
});

export function batchesApi(factory: Factory) {
  const requestOf = async (body: z.output<typeof batchRequestSchema>): Promise<BatchRequest> => {
    const {
      templates,
      regions,
      architectures,
      build_in_each: buildInEach,
      changed_since: since,
      ...shared
    } = body;
    const all = templates ?? (await ownTemplates(body.from));
    const changed =
      since === undefined || body.from === undefined
        ? all
        : await changedTemplates(factory, { from: body.from, since, templates });
    const { template: _, ...request } = toBuildRequest({ ...shared, template: '' });
    return { ...request, templates: changed, regions, architectures, buildInEach };
  };
  return room()
    .openapi(startRoute, async (c) => {
      const request = await requestOf(c.req.valid('json'));
      const { id, builds } = await startBuilds(factory, request);
      return c.json({ batch_id: id, builds: [...builds] }, 202);
    })
    .openapi(matrixRoute, async (c) => {
      const request = await requestOf(c.req.valid('json'));
      const inputs = request.templates.length === 0 ? [] : await prepareBuilds(factory, request);
      const include = inputs.map(({ template, region, architecture, copyTo }) => ({
        template: template.slug,
        region,
        architecture,
        copy_to_regions: [...copyTo],
      }));
      return c.json({ include }, 200);
    })
    .openapi(planRoute, async (c) =>
      c.json(toPlanBody(await planBuild(factory, toBuildRequest(c.req.valid('json')))), 200),
    );
}

async function ownTemplates(from: string | undefined): Promise<readonly string[]> {
  if (from === undefined) return [];
  return (await listTemplates({ directories: [`${from}/templates`] })).map(({ file }) => file);
}
