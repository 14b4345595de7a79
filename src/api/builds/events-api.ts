/** A build's events as they come (server-sent), and its log as text. */
import { createRoute, z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { findBuild } from '../../factory/builds/find-build.ts';
import { logLines } from '../../factory/builds/log-lines.ts';
import type { Factory } from '../../factory/factory.ts';
import { isAtRest } from '../../platform/workflows/workflow.ts';
import { refusals, room } from '../room.ts';

const params = z.object({ build_id: z.string() });

const eventsRoute = createRoute({
  method: 'get',
  path: '/builds/{build_id}/events',
  operationId: 'followBuild',
  summary: 'Follow a build: server-sent events until it rests; the header Last-Event-ID goes on from there',
  request: { params, headers: z.object({ 'last-event-id': z.coerce.number().int().min(0).optional() }) },
  responses: {
    200: { description: 'The events', content: { 'text/event-stream': { schema: z.string() } } },
    ...refusals,
  },
});

const logRoute = createRoute({
  method: 'get',
  path: '/builds/{build_id}/log',
  operationId: 'getBuildLog',
  summary: "A build's log",
  request: { params },
  responses: {
    200: { description: 'The log', content: { 'text/plain': { schema: z.string() } } },
    ...refusals,
  },
});

export function buildEventsApi(factory: Factory) {
  const { journals } = factory.workflows;
  return room()
    .openapi(eventsRoute, async (c) => {
      const { build_id: id } = c.req.valid('param');
      await findBuild(factory, id);
      const goesOn = async () => {
        const run = await factory.workflows.find(id);
        return run !== undefined && !isAtRest(run.state);
      };
      const after = c.req.valid('header')['last-event-id'] ?? 0;
      return streamSSE(c, async (stream) => {
        const left = new AbortController();
        stream.onAbort(() => left.abort());
        for await (const { next, at, event } of journals.follow(id, { after, goesOn, signal: left.signal })) {
          await stream.writeSSE({
            id: String(next),
            event: event.type,
            data: JSON.stringify({ at, ...event }),
          });
        }
      });
    })
    .openapi(logRoute, async (c) => {
      const { build_id: id } = c.req.valid('param');
      await findBuild(factory, id);
      const entries = await journals.read(id);
      return c.text(`${logLines(entries).join('\n')}\n`, 200);
    });
}
