import { createRoute, z } from '@hono/zod-openapi';
import { cancelBuild } from '../../factory/builds/cancel-build.ts';
import { findBuild, listBuilds } from '../../factory/builds/find-build.ts';
import { machineLogin } from '../../factory/builds/machine-access.ts';
import { prepareBuild } from '../../factory/builds/prepare-build.ts';
import { resumeBuild } from '../../factory/builds/resume-build.ts';
import { startBuild } from '../../factory/builds/start-build.ts';
import type { Factory } from '../../factory/factory.ts';
import { nextPage, openPage, pageQuery } from '../page.ts';
import { allowed, json, refusals, room, written } from '../room.ts';
import { buildSchema, toBuildBody } from './build-schema.ts';
import { buildRequestSchema, toBuildRequest } from './request-schema.ts';

const params = z.object({ build_id: z.string() });

const loginSchema = z.object({
  instance_id: z.string(),
  host: z.string(),
  port: z.number(),
  user: z.string(),
  private_key: z.string(),
  failed_step: z.string().nullable().describe('The folder in the machine that has its script and output'),
});

const startRoute = createRoute({
  method: 'post',
  path: '/builds',
  operationId: 'startBuild',
  summary: 'Start a build',
  request: { body: { ...json(buildRequestSchema, 'What to build'), required: true } },
  responses: { 202: json(buildSchema, 'It has begun'), ...refusals },
});

const listRoute = createRoute({
  method: 'get',
  path: '/builds',
  operationId: 'listBuilds',
  summary: 'List builds, newest first',
  request: {
    query: z.object({
      template: z.string().optional(),
      batch_id: z.string().optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: json(z.object({ builds: z.array(buildSchema), ...nextPage }), 'The builds'),
    ...refusals,
  },
});

const showRoute = createRoute({
  method: 'get',
  path: '/builds/{build_id}',
  operationId: 'getBuild',
  summary: 'Show a build',
  request: { params },
  responses: { 200: json(buildSchema, 'The build'), ...refusals },
});

const cancelRoute = createRoute({
  method: 'post',
  path: '/builds/{build_id}/cancel',
  operationId: 'cancelBuild',
  summary: 'End a build and remove all that it made; answers when that is done',
  request: { params },
  responses: { 200: json(buildSchema, 'The build'), ...refusals },
});

const resumeRoute = createRoute({
  method: 'post',
  path: '/builds/{build_id}/resume',
  operationId: 'resumeBuild',
  summary: 'Go on with a failed build whose machine is kept, with the template as it is now',
  request: { params },
  responses: { 202: json(buildSchema, 'It goes on'), ...refusals },
});

const loginRoute = createRoute({
  method: 'get',
  path: '/builds/{build_id}/login',
  operationId: 'getBuildLogin',
  ...allowed('operator'),
  ...written,
  summary: "How to log in to the build's machine",
  request: { params },
  responses: { 200: json(loginSchema, 'Where, as whom, with which key'), ...refusals },
});

export function buildsApi(factory: Factory) {
  const shown = async (id: string) => toBuildBody(await findBuild(factory, id));
  return room()
    .openapi(startRoute, async (c) => {
      const input = await prepareBuild(factory, toBuildRequest(c.req.valid('json')));
      return c.json(await shown(await startBuild(factory, input)), 202);
    })
    .openapi(listRoute, async (c) => {
      const query = c.req.valid('query');
      const page = openPage('listBuilds', query);
      const [createdAt, id] = page.after ?? [];
      const after = id === undefined ? undefined : { createdAt: String(createdAt), id: String(id) };
      const { template, batch_id: batchId } = query;
      const builds = await listBuilds(factory, { template, batchId, limit: page.limit + 1, after });
      const { rows, next_page_token } = page.end(builds, (build) => [build.createdAt, build.id]);
      return c.json({ builds: rows.map(toBuildBody), next_page_token }, 200);
    })
    .openapi(showRoute, async (c) => c.json(await shown(c.req.valid('param').build_id), 200))
    .openapi(resumeRoute, async (c) => {
      const { build_id: id } = c.req.valid('param');
      await resumeBuild(factory, id);
      return c.json(await shown(id), 202);
    })
    .openapi(loginRoute, async (c) => {
      const login = await machineLogin(factory, c.req.valid('param').build_id);
      const { instanceId, host, port, user, privateKey, failedStep = null } = login;
      const machine = { instance_id: instanceId, host, port, user };
      return c.json({ ...machine, private_key: privateKey, failed_step: failedStep }, 200);
    })
    .openapi(cancelRoute, async (c) => {
      const { build_id: id } = c.req.valid('param');
      await cancelBuild(factory, id);
      return c.json(await shown(id), 200);
    });
}
