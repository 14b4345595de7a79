import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { json, refusals, room } from '../room.ts';

const buildSchema = z.object({ id: z.string() }).openapi('Build');

const listRoute = createRoute({
  method: 'get',
  path: '/builds',
  summary: 'List builds, newest first',
  responses: { 200: json(z.object({ builds: z.array(buildSchema) }), 'The builds'), ...refusals },
});

export function buildsApi(factory: Factory) {
  return room().openapi(listRoute, async (c) => {
    const builds = await factory.db.read.selectFrom('builds').select('id').execute();
    return c.json({ builds }, 200);
  });
}
