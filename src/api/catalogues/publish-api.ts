import { createRoute, z } from '@hono/zod-openapi';
import { findPublication, type Publication, startPublication } from '../../factory/catalogue/publications.ts';
import type { Factory } from '../../factory/factory.ts';
import { architecture, places } from '../registry/schemas.ts';
import { json, refusals, room } from '../room.ts';
import { imagesSchema } from './catalogue-schemas.ts';
import { toImage } from './catalogues-api.ts';

const requestSchema = z
  .strictObject({
    reference: z
      .string()
      .min(1)
      .describe('TEMPLATE, TEMPLATE@VERSION, TEMPLATE@CHANNEL, an image id or an own image’s name'),
    as: z
      .string()
      .optional()
      .describe('TEMPLATE@VERSION: what an image that is no version is called in the catalogue'),
    unproven: z.boolean().default(false).describe('Also what nobody launched and checked'),
    disks: z
      .boolean()
      .default(false)
      .describe('The disks too, for clouds that have none of the images; the folder grows by their size'),
    folder: z.string().startsWith('/', 'must be an absolute path on the server'),
    name: z.string().min(1).max(64).default('images').describe('Of a catalogue that is made'),
    description: z.string().max(2000).default(''),
    ssh_user: z.string().min(1).max(32).optional().describe('What the image’s tag says unless told'),
    ...places,
  })
  .openapi('PublicationRequest');

const publicationSchema = z
  .object({
    publication_id: z.string(),
    status: z.enum(['in_progress', 'completed', 'failed']),
    catalogue: z.string().nullable().describe('Its name'),
    fingerprint: z.string().nullable().describe('What those who add it should compare'),
    entries: z.array(
      z.object({
        template: z.string(),
        version: z.string(),
        architecture,
        images: imagesSchema,
        disks: z.boolean().describe('It brings them'),
      }),
    ),
    closed: z.array(z.string()).describe('Images that others see and can’t launch: they are not public'),
    error: z.string().nullable(),
  })
  .openapi('Publication');

const publishRoute = createRoute({
  method: 'post',
  path: '/ami/publish',
  operationId: 'publishImage',
  summary: 'Put a version, or any own image, into a signed catalogue in a folder',
  request: { body: { ...json(requestSchema, 'What to publish, and where'), required: true } },
  responses: { 202: json(publicationSchema, 'It has begun'), ...refusals },
});

const showRoute = createRoute({
  method: 'get',
  path: '/ami/publish/{publication_id}',
  operationId: 'getPublication',
  summary: 'Show a publication',
  request: { params: z.object({ publication_id: z.string() }) },
  responses: { 200: json(publicationSchema, 'How it stands'), ...refusals },
});

export function publishApi(factory: Factory) {
  return room()
    .openapi(publishRoute, async (c) => {
      const { ssh_user: sshUser, ...request } = c.req.valid('json');
      const id = await startPublication(factory, { ...request, sshUser });
      return c.json(toBody(await findPublication(factory, id)), 202);
    })
    .openapi(showRoute, async (c) =>
      c.json(toBody(await findPublication(factory, c.req.valid('param').publication_id)), 200),
    );
}

function toBody({ id, status, published, error }: Publication): z.output<typeof publicationSchema> {
  return {
    publication_id: id,
    status,
    catalogue: published?.catalogue ?? null,
    fingerprint: published?.fingerprint ?? null,
    entries: (published?.entries ?? []).map(
      ({ images, template, version, architecture: arch, hasDisks }) => ({
        ...{ template, version, architecture: arch, disks: hasDisks },
        images: images.map(toImage),
      }),
    ),
    closed: [...(published?.closed ?? [])],
    error: error ?? null,
  };
}
