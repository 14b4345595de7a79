/** Templates that are built again by themselves. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { listRebuilds } from '../../factory/rebuilds/list-rebuilds.ts';
import { startDueRebuilds } from '../../factory/rebuilds/start-due-rebuilds.ts';
import { architecture } from '../registry/schemas.ts';
import { json, refusals, room } from '../room.ts';

const rebuildSchema = z
  .object({
    rebuild_id: z.string(),
    template: z.string(),
    version: z.string(),
    target: z.string(),
    region: z.string(),
    architecture,
    channel: z.string().describe('Where it is promoted to'),
    build_id: z.string(),
    why: z.string(),
    status: z.enum(['running', 'ending', 'held', 'succeeded', 'failed', 'cancelled']),
    error: z.string().nullable(),
    created_at: z.string(),
    ended_at: z.string().nullable(),
  })
  .openapi('Rebuild');

const listRoute = createRoute({
  method: 'get',
  path: '/rebuilds',
  operationId: 'listRebuilds',
  summary: 'List rebuilds, newest first',
  request: { query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) }) },
  responses: { 200: json(z.object({ rebuilds: z.array(rebuildSchema) }), 'The rebuilds'), ...refusals },
});

const checkRoute = createRoute({
  method: 'post',
  path: '/rebuilds/check',
  operationId: 'checkRebuilds',
  summary: 'Look now whether a base image or an interval asks for a rebuild, and begin those that are due',
  responses: {
    200: json(
      z
        .object({
          started: z.array(z.object({ rebuild_id: z.string(), template: z.string(), why: z.string() })),
        })
        .openapi('CheckedRebuilds'),
      'What began',
    ),
    ...refusals,
  },
});

export function rebuildsApi(factory: Factory) {
  return room()
    .openapi(listRoute, async (c) => {
      const rebuilds = await listRebuilds(factory, c.req.valid('query'));
      return c.json(
        {
          rebuilds: rebuilds.map(({ id, buildId, state, error, createdAt, endedAt, ...rebuild }) => ({
            rebuild_id: id,
            template: rebuild.template,
            version: rebuild.version,
            target: rebuild.target,
            region: rebuild.region,
            architecture: rebuild.architecture,
            channel: rebuild.channel,
            build_id: buildId,
            why: rebuild.why,
            status: state,
            error: error ?? null,
            created_at: createdAt,
            ended_at: endedAt ?? null,
          })),
        },
        200,
      );
    })
    .openapi(checkRoute, async (c) => {
      const started = await startDueRebuilds(factory);
      return c.json(
        { started: started.map(({ id, template, why }) => ({ rebuild_id: id, template, why })) },
        200,
      );
    });
}
