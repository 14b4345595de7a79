/** Images made of the disks that a catalogue brings. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Fetch } from '../../factory/catalogue/fetch.ts';
import { findFetch, startFetch } from '../../factory/catalogue/fetches.ts';
import type { Factory } from '../../factory/factory.ts';
import { regionOf } from '../launches/resolve-api.ts';
import { architecture } from '../registry/schemas.ts';
import { json, refusals, room } from '../room.ts';

const requestSchema = z
  .strictObject({
    name: z.string().regex(/^[^/]+\/[^/@]+$/, 'must be CATALOGUE/TEMPLATE'),
    version: z.string().optional().describe('The newest publication unless told'),
    architecture,
    target: z.string().default('local'),
    region: z.string().optional().describe('The target’s first unless told'),
  })
  .openapi('FetchRequest');

const fetchSchema = z
  .object({
    fetch_id: z.string(),
    entry: z.string(),
    status: z.enum(['in_progress', 'completed', 'failed']),
    ami_id: z.string().nullable(),
    error: z.string().nullable(),
  })
  .openapi('Fetch');

const startRoute = createRoute({
  method: 'post',
  path: '/fetches',
  operationId: 'fetchImage',
  summary: 'Make an image of the disks that a catalogue brings, each byte of them verified',
  request: { body: { ...json(requestSchema, 'Which entry, and where to'), required: true } },
  responses: { 202: json(fetchSchema, 'It has begun'), ...refusals },
});

const showRoute = createRoute({
  method: 'get',
  path: '/fetches/{fetch_id}',
  operationId: 'getFetch',
  summary: 'Show a fetch',
  request: { params: z.object({ fetch_id: z.string() }) },
  responses: { 200: json(fetchSchema, 'How it stands'), ...refusals },
});

export function fetchesApi(factory: Factory) {
  return room()
    .openapi(startRoute, async (c) => {
      const { region, ...request } = c.req.valid('json');
      const at = await regionOf(factory, request.target, region);
      const id = await startFetch(factory, { ...request, region: at });
      return c.json(toBody(await findFetch(factory, id)), 202);
    })
    .openapi(showRoute, async (c) =>
      c.json(toBody(await findFetch(factory, c.req.valid('param').fetch_id)), 200),
    );
}

function toBody({ id, entry, status, imageId, error }: Fetch): z.output<typeof fetchSchema> {
  return { fetch_id: id, entry, status, ami_id: imageId ?? null, error: error ?? null };
}
