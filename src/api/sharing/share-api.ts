/** Who may launch an image. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { shareImages } from '../../factory/sharing/share-images.ts';
import { places, reference } from '../registry/schemas.ts';
import { json, refusals, room } from '../room.ts';

const account = z.string().regex(/^\d{12}$/, 'must be an account: 12 digits');

const sharing = z.strictObject({
  accounts: z.array(account).default([]),
  public: z.boolean().default(false).describe('Everybody'),
});

const shareRoute = createRoute({
  method: 'post',
  path: '/ami/share',
  operationId: 'shareImage',
  summary: 'Let accounts or everybody launch an image, or no longer; each region answers for itself',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            reference,
            ...places,
            add: sharing.optional(),
            remove: sharing.optional(),
          })
          .openapi('ShareRequest'),
        'Which image, and who',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({
        images: z.array(
          z.object({
            region: z.string(),
            ami_id: z.string(),
            accounts: z.array(z.string()).describe('Who may launch it now, beside its owner'),
            public: z.boolean(),
            error: z.string().nullable().describe('Why it is not as was asked'),
          }),
        ),
      }),
      'As it is now',
    ),
    ...refusals,
  },
});

export function shareApi(factory: Factory) {
  return room().openapi(shareRoute, async (c) => {
    const nobody = { accounts: [], public: false };
    const { add = nobody, remove = nobody, ...request } = c.req.valid('json');
    const images = await shareImages(factory, { ...request, add, remove });
    const rows = images.map(({ region, imageId, now, problem }) => ({
      ...{ region, ami_id: imageId, accounts: [...now.accounts], public: now.public },
      error: problem ?? null,
    }));
    return c.json({ images: rows }, 200);
  });
}
