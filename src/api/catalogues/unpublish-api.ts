import { createRoute, z } from '@hono/zod-openapi';
import { unpublish } from '../../factory/catalogue/unpublish.ts';
import type { Factory } from '../../factory/factory.ts';
import { architecture } from '../registry/schemas.ts';
import { json, refusals, room } from '../room.ts';

const unpublishRoute = createRoute({
  method: 'post',
  path: '/ami/unpublish',
  operationId: 'unpublishImage',
  summary: 'Take a version out of a catalogue in a folder; what others fetched of it stays theirs',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            folder: z.string().startsWith('/', 'must be an absolute path on the server'),
            template: z.string().min(1),
            version: z.string().min(1),
          })
          .openapi('Unpublication'),
        'Which one',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({ entries: z.array(z.object({ template: z.string(), version: z.string(), architecture })) }),
      'They are listed no more',
    ),
    ...refusals,
  },
});

export function unpublishApi(factory: Factory) {
  return room().openapi(unpublishRoute, async (c) => {
    const entries = await unpublish(factory, c.req.valid('json'));
    const rows = entries.map(({ template, version, architecture: arch }) => ({
      ...{ template, version, architecture: arch },
    }));
    return c.json({ entries: rows }, 200);
  });
}
