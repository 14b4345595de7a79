import { createRoute, z } from '@hono/zod-openapi';
import { creationRun } from '../../factory/creations/find-creation.ts';
import type { Factory } from '../../factory/factory.ts';
import { followed, followHeaders, followRun, logged, sendLog } from '../follow-run.ts';
import { refusals, room } from '../room.ts';

const params = z.object({ creation_id: z.string().describe("A creation's id, or its image's") });

const eventsRoute = createRoute({
  method: 'get',
  path: '/ami/status/{creation_id}/events',
  operationId: 'followCreation',
  summary:
    'Follow a creation: server-sent events until it rests; the header Last-Event-ID goes on from there',
  request: { params, headers: followHeaders },
  responses: { 200: followed, ...refusals },
});

const logRoute = createRoute({
  method: 'get',
  path: '/ami/status/{creation_id}/log',
  operationId: 'readCreationLog',
  summary: "A creation's log",
  request: { params },
  responses: { 200: logged, ...refusals },
});

export function creationEventsApi(factory: Factory) {
  return room()
    .openapi(eventsRoute, async (c) => {
      const id = await creationRun(factory, c.req.valid('param').creation_id);
      return followRun(factory, c, { id, after: c.req.valid('header')['last-event-id'] ?? 0 });
    })
    .openapi(logRoute, async (c) => {
      const id = await creationRun(factory, c.req.valid('param').creation_id);
      return sendLog(factory, c, id);
    });
}
