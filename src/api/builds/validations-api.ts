import { createRoute, z } from '@hono/zod-openapi';
import { findBuild } from '../../factory/builds/find-build.ts';
import { startValidation } from '../../factory/builds/start-validation.ts';
import type { Factory } from '../../factory/factory.ts';
import { json, refusals, room } from '../room.ts';
import { buildSchema, toBuildBody } from './build-schema.ts';
import { buildRequestSchema } from './request-schema.ts';

const requestSchema = buildRequestSchema
  .pick({ template: true, from: true, parameters: true, target: true, region: true, architecture: true })
  .extend({
    ami_id: z.string().optional().describe("In place of the template's latest"),
  })
  .openapi('ValidationRequest');

const startRoute = createRoute({
  method: 'post',
  path: '/validations',
  operationId: 'startValidation',
  summary: "Run a template's validations on a machine of its existing image; followed as a build is",
  request: { body: { ...json(requestSchema, 'What to validate'), required: true } },
  responses: { 202: json(buildSchema, 'It has begun'), ...refusals },
});

export function validationsApi(factory: Factory) {
  return room().openapi(startRoute, async (c) => {
    const { ami_id: imageId, ...request } = c.req.valid('json');
    const id = await startValidation(factory, { ...request, imageId });
    return c.json(toBuildBody(await findBuild(factory, id)), 202);
  });
}
