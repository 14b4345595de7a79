/** Images to other regions. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import type { ImageCopy } from '../../factory/sharing/copy.ts';
import { findImageCopy } from '../../factory/sharing/find-copy.ts';
import { startCopy } from '../../factory/sharing/start-copy.ts';
import { question } from '../launches/launch-schemas.ts';
import { regionOf } from '../launches/resolve-api.ts';
import { json, refusals, room } from '../room.ts';

const copySchema = z
  .object({
    copy_id: z.string(),
    target: z.string(),
    region: z.string().describe('Of the image'),
    ami_id: z.string(),
    name: z.string(),
    status: z
      .enum(['in_progress', 'completed', 'partial', 'failed'])
      .describe('`partial`: some regions failed; asked again, those are tried again'),
    region_results: z.record(
      z.string(),
      z.object({
        region: z.string(),
        status: z
          .enum(['in_progress', 'completed', 'present', 'failed'])
          .describe('`present`: the copy was there before'),
        ami_id: z.string().nullable(),
        error: z.string().nullable(),
        copy_time: z.number().nullable().describe('In seconds'),
      }),
    ),
    error: z.string().nullable(),
    created_at: z.string(),
    ended_at: z.string().nullable(),
  })
  .openapi('ImageCopy');

const startRoute = createRoute({
  method: 'post',
  path: '/ami/copy',
  operationId: 'copyImage',
  summary: 'Copy an image to other regions; what was copied before is left as it is',
  request: {
    body: {
      ...json(
        z
          .strictObject({ ...question, regions: z.array(z.string()).min(1).describe('Where it goes') })
          .openapi('ImageCopyRequest'),
        'Which image, and where',
      ),
      required: true,
    },
  },
  responses: { 202: json(copySchema, 'It has begun'), ...refusals },
});

const showRoute = createRoute({
  method: 'get',
  path: '/ami/copy/{copy_id}',
  operationId: 'getImageCopy',
  summary: 'Show a copy, by region',
  request: { params: z.object({ copy_id: z.string() }) },
  responses: { 200: json(copySchema, 'The copy'), ...refusals },
});

export function copiesApi(factory: Factory) {
  return room()
    .openapi(startRoute, async (c) => {
      const { regions: copyTo, region, ...body } = c.req.valid('json');
      const at = await regionOf(factory, body.target, region);
      const id = await startCopy(factory, { ...body, region: at, copyTo });
      return c.json(toBody(await findImageCopy(factory, id)), 202);
    })
    .openapi(showRoute, async (c) =>
      c.json(toBody(await findImageCopy(factory, c.req.valid('param').copy_id)), 200),
    );
}

function toBody(copy: ImageCopy): z.output<typeof copySchema> {
  const results = copy.regions.map(({ region, status, imageId, error, copyMs }) => ({
    ...{ region, status, ami_id: imageId ?? null, error: error ?? null },
    copy_time: copyMs === undefined ? null : copyMs / 1000,
  }));
  return {
    copy_id: copy.id,
    target: copy.target,
    region: copy.region,
    ami_id: copy.imageId,
    name: copy.imageName,
    status: copy.status,
    region_results: Object.fromEntries(results.map((each) => [each.region, each])),
    error: copy.error ?? null,
    created_at: copy.createdAt,
    ended_at: copy.endedAt ?? null,
  };
}
