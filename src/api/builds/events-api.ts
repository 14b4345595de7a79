/** A build's events as they come (server-sent), and its log as text. */
import { createRoute, z } from '@hono/zod-openapi';
import { findBuild } from '../../factory/builds/find-build.ts';
import type { Factory } from '../../factory/factory.ts';
import { followed, followHeaders, followRun, logged, sendLog } from '../follow-run.ts';
import { refusals, room } from '../room.ts';

const params = z.object({ build_id: z.string() });

const eventsRoute = createRoute({
  method: 'get',
  path: '/builds/{build_id}/events',
  operationId: 'followBuild',
  summary: 'Follow a build: server-sent events until it rests; the header Last-Event-ID goes on from there',
  request: { params, headers: followHeaders },
  responses: { 200: followed, ...refusals },
});

const logRoute = createRoute({
  method: 'get',
  path: '/builds/{build_id}/log',
  operationId: 'getBuildLog',
  summary: "A build's log",
  request: { params },
  responses: { 200: logged, ...refusals },
});

export function buildEventsApi(factory: Factory) {
  return room()
    .openapi(eventsRoute, async (c) => {
      const { build_id: id } = c.req.valid('param');
      await findBuild(factory, id);
      return followRun(factory, c, { id, after: c.req.valid('header')['last-event-id'] ?? 0 });
    })
    .openapi(logRoute, async (c) => {
      const { build_id: id } = c.req.valid('param');
      await findBuild(factory, id);
      return sendLog(factory, c, id);
    });
}
