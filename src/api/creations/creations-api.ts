/** Images of machines: made, followed, retried. */
import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { cancelCreation } from '../../factory/creations/cancel-creation.ts';
import { findCreation, listCreations } from '../../factory/creations/find-creation.ts';
import { prepareSave } from '../../factory/creations/prepare-save.ts';
import { retryCopies } from '../../factory/creations/retry-copies.ts';
import { startCreation, startPrepared } from '../../factory/creations/start-creation.ts';
import type { Factory } from '../../factory/factory.ts';
import { json, refusals, room } from '../room.ts';
import { creationSchema, toCreationBody } from './creation-schema.ts';
import {
  createRequestSchema,
  saveRequestSchema,
  toCreationRequest,
  toSaveRequest,
} from './request-schemas.ts';

const params = z.object({ creation_id: z.string().describe("A creation's id, or its image's") });

const createRouteOf = createRoute({
  method: 'post',
  path: '/ami/create',
  operationId: 'createAmi',
  summary: 'Make an image of a machine',
  request: { body: { ...json(createRequestSchema, 'Of which machine, and how'), required: true } },
  responses: { 202: json(creationSchema, 'It has begun'), ...refusals },
});

const savedSchema = z.object({ batch_id: z.string().nullable(), creations: z.array(creationSchema) });

const saveRoute = createRoute({
  method: 'post',
  path: '/ami/save',
  operationId: 'saveMachines',
  summary: 'Save machines as a template: the image is proven, and its template can be launched at once',
  request: { body: { ...json(saveRequestSchema, 'Which machines, under which name'), required: true } },
  responses: { 202: json(savedSchema, 'It has begun'), ...refusals },
});

const planSchema = z
  .object({
    saves: z.array(
      z.object({
        instance_id: z.string(),
        instance_name: z.string(),
        region: z.string(),
        architecture: z.enum(['x86_64', 'arm64']),
        template_name: z.string(),
        version: z.string(),
        ami_name: z.string(),
        size_gb: z.number().describe('Of its disks'),
        stops: z.boolean().describe('The machine goes down for the point in time'),
        warnings: z.array(z.string()),
      }),
    ),
  })
  .openapi('SavePlan');

const planRoute = createRoute({
  method: 'post',
  path: '/ami/save/plan',
  operationId: 'planSave',
  summary: 'Say what a save would do, and refuse what it would refuse',
  request: { body: { ...json(saveRequestSchema, 'Which machines, under which name'), required: true } },
  responses: { 200: json(planSchema, 'What would be done'), ...refusals },
});

const statusRoute = createRoute({
  method: 'get',
  path: '/ami/status/{creation_id}',
  operationId: 'getCreation',
  summary: 'Tell how a creation stands',
  request: { params },
  responses: { 200: json(creationSchema, 'The creation'), ...refusals },
});

const listRoute = createRoute({
  method: 'get',
  path: '/ami/creations',
  operationId: 'listCreations',
  summary: 'List creations, newest first',
  request: {
    query: z.object({
      batch_id: z.string().optional(),
      template: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(50),
    }),
  },
  responses: { 200: json(z.object({ creations: z.array(creationSchema) }), 'The creations'), ...refusals },
});

const retryRoute = createRoute({
  method: 'post',
  path: '/ami/status/{creation_id}/retry',
  operationId: 'retryCopies',
  summary: 'Copy the image once more into the regions that failed',
  request: { params },
  responses: { 202: json(creationSchema, 'It has begun'), ...refusals },
});

const cancelRoute = createRoute({
  method: 'post',
  path: '/ami/status/{creation_id}/cancel',
  operationId: 'cancelCreation',
  summary: 'End a creation and remove all that it made; answers when that is done and the machine runs again',
  request: { params },
  responses: { 200: json(creationSchema, 'The creation'), ...refusals },
});

export function creationsApi(factory: Factory) {
  const shown = async (id: string) => await toCreationBody(factory, await findCreation(factory, id));
  return room()
    .openapi(createRouteOf, async (c) => {
      const request = await toCreationRequest(factory, c.req.valid('json'));
      return c.json(await toCreationBody(factory, await startCreation(factory, request)), 202);
    })
    .openapi(saveRoute, async (c) => {
      const inputs = await prepareSave(factory, toSaveRequest(c.req.valid('json')));
      const batchId = inputs.length > 1 ? `batch-${randomBytes(5).toString('hex')}` : undefined;
      const creations = [];
      for (const input of inputs) {
        creations.push(
          await shown(await startPrepared(factory, input, batchId === undefined ? {} : { batchId })),
        );
      }
      return c.json({ batch_id: batchId ?? null, creations }, 202);
    })
    .openapi(planRoute, async (c) => {
      const inputs = await prepareSave(factory, toSaveRequest(c.req.valid('json')));
      const saves = inputs.map(({ instance, capture, template, ...input }) => ({
        ...{ instance_id: instance.id, instance_name: instance.name, region: input.region },
        ...{ architecture: input.architecture, template_name: template.slug, version: input.version },
        ...{ ami_name: input.imageName, size_gb: instance.volumesGiB, stops: capture.way === 'stopped' },
        warnings: [...input.warnings],
      }));
      return c.json({ saves }, 200);
    })
    .openapi(statusRoute, async (c) => c.json(await shown(c.req.valid('param').creation_id), 200))
    .openapi(listRoute, async (c) => {
      const { batch_id: batchId, template, limit } = c.req.valid('query');
      const creations = await listCreations(factory, { batchId, template, limit });
      return c.json(
        { creations: await Promise.all(creations.map((each) => toCreationBody(factory, each))) },
        200,
      );
    })
    .openapi(retryRoute, async (c) => {
      const { creation } = await retryCopies(factory, c.req.valid('param').creation_id);
      return c.json(await toCreationBody(factory, creation), 202);
    })
    .openapi(cancelRoute, async (c) => {
      const { creation_id: id } = c.req.valid('param');
      await cancelCreation(factory, id);
      return c.json(await shown(id), 200);
    });
}
