import { createRoute, z } from '@hono/zod-openapi';
import { clearLayers } from '../../factory/cache/clear-layers.ts';
import type { Layer } from '../../factory/cache/layers.ts';
import { listLayers } from '../../factory/cache/list-layers.ts';
import type { Factory } from '../../factory/factory.ts';
import { nextPage, openPage, pageQuery } from '../page.ts';
import { json, refusals, room } from '../room.ts';

const query = z.object({
  target: z.string().default('local'),
  region: z.string().optional(),
  template: z.string().optional(),
});

const layerSchema = z
  .object({
    snapshot_id: z.string(),
    key: z.string(),
    template: z.string(),
    build_id: z.string().describe('The build that took it'),
    step: z.string(),
    architecture: z.string(),
    region: z.string(),
    created_at: z.string(),
    size_gib: z.number(),
  })
  .openapi('CacheLayer');

const layersSchema = z.object({ layers: z.array(layerSchema) });

const listRoute = createRoute({
  method: 'get',
  path: '/cache',
  operationId: 'listCacheLayers',
  summary: 'List the layers of the step cache, newest first',
  request: { query: query.extend(pageQuery) },
  responses: { 200: json(layersSchema.extend(nextPage), 'The layers'), ...refusals },
});

const clearRoute = createRoute({
  method: 'delete',
  path: '/cache',
  operationId: 'clearCache',
  summary: 'Delete layers; those that a build starts from right now stay',
  request: { query },
  responses: { 200: json(layersSchema, 'The layers that went'), ...refusals },
});

export function cacheApi(factory: Factory) {
  return room()
    .openapi(listRoute, async (c) => {
      const { limit, page_token, ...choice } = c.req.valid('query');
      const page = openPage('listCacheLayers', { limit, page_token, ...choice });
      const layers = await listLayers(factory, choice);
      const { rows, next_page_token } = page.of(layers, (layer) => [layer.region, layer.snapshotId], 'own');
      return c.json({ layers: rows.map(toBody), next_page_token }, 200);
    })
    .openapi(clearRoute, async (c) => {
      const layers = await clearLayers(factory, c.req.valid('query'));
      return c.json({ layers: layers.map(toBody) }, 200);
    });
}

function toBody({ snapshotId, createdAt, sizeGiB, buildId, ...layer }: Layer): z.output<typeof layerSchema> {
  return { ...layer, snapshot_id: snapshotId, created_at: createdAt, size_gib: sizeGiB, build_id: buildId };
}
