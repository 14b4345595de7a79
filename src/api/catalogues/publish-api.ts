import { createRoute, z } from '@hono/zod-openapi';
import { publishVersion } from '../../factory/catalogue/publish-version.ts';
import { fingerprint } from '../../factory/catalogue/signature.ts';
import type { Factory } from '../../factory/factory.ts';
import { architecture, places, reference } from '../registry/schemas.ts';
import { json, refusals, room } from '../room.ts';
import { imagesSchema } from './catalogue-schemas.ts';
import { toImage } from './catalogues-api.ts';

const publishRoute = createRoute({
  method: 'post',
  path: '/ami/publish',
  operationId: 'publishImage',
  summary: 'Put a proven version into a signed catalogue in a folder',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            reference,
            folder: z.string().startsWith('/', 'must be an absolute path on the server'),
            name: z.string().min(1).max(64).default('images').describe('Of a catalogue that is made'),
            description: z.string().max(2000).default(''),
            ssh_user: z.string().min(1).max(32).optional().describe('What the image’s tag says unless told'),
            ...places,
          })
          .openapi('Publication'),
        'What to publish, and where',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({
        catalogue: z.string(),
        fingerprint: z.string().describe('What those who add it should compare'),
        entries: z.array(
          z.object({ template: z.string(), version: z.string(), architecture, images: imagesSchema }),
        ),
        closed: z.array(z.string()).describe('Images that others see and can’t launch: they are not public'),
      }),
      'It is there',
    ),
    ...refusals,
  },
});

export function publishApi(factory: Factory) {
  return room().openapi(publishRoute, async (c) => {
    const { ssh_user: sshUser, ...request } = c.req.valid('json');
    const { catalogue, entries, closed } = await publishVersion(factory, { ...request, sshUser });
    return c.json(
      {
        catalogue: catalogue.name,
        fingerprint: fingerprint(catalogue.publicKey),
        entries: entries.map(({ images, template, version, architecture: arch }) => ({
          ...{ template, version, architecture: arch },
          images: images.map(toImage),
        })),
        closed: [...closed],
      },
      200,
    );
  });
}
