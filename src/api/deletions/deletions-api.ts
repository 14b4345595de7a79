/** Deleting images, what lies in the bins, and taking it back. */
import { createRoute, z } from '@hono/zod-openapi';
import { deleteImages } from '../../factory/deletions/delete-images.ts';
import { listBin } from '../../factory/deletions/list-bin.ts';
import { planDeletion } from '../../factory/deletions/plan-deletion.ts';
import { restoreImage } from '../../factory/deletions/restore-image.ts';
import type { Factory } from '../../factory/factory.ts';
import { forCaller } from '../caller-keys.ts';
import { json, refusals, room } from '../room.ts';
import {
  deletedImageSchema,
  plannedDeletionSchema,
  toDeletedBody,
  toPlannedBody,
} from './deletion-schemas.ts';

const target = z.string().default('local');
const region = z.string().optional().describe('All of the target’s unless told');
const by = z.string().min(1).max(200).default('api').describe('Who does it, for the history');

const deleteRoute = createRoute({
  method: 'post',
  path: '/ami/delete',
  operationId: 'deleteImages',
  summary: 'Deregister images and delete the snapshots that no other image stands on',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            target,
            region,
            ami_id: z.string().optional().describe('An image’s id or name, or TEMPLATE@VERSION'),
            version: z.string().optional().describe('Of the template that `ami_id` names; of any without it'),
            deregister_only: z.boolean().default(false).describe('Leave the snapshots'),
            force: z.boolean().default(false).describe('Also what somebody needs'),
            bin_days: z
              .int()
              .min(0)
              .max(365)
              .optional()
              .describe('How long EC2’s recycle bin is asked to keep it; the configuration’s unless told'),
            dry_run: z.boolean().default(false).describe('Only tell what would be done'),
            only: z.array(z.string()).optional().describe('Ids of images: nothing else goes'),
            by,
          })
          .openapi('Deletion'),
        'Which images',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({
        dry_run: z.boolean(),
        images: z.array(plannedDeletionSchema).describe('As they were before'),
        done: z.array(deletedImageSchema).describe('Empty in a dry run'),
      }),
      'What went, or would go',
    ),
    ...refusals,
  },
});

const binRoute = createRoute({
  method: 'get',
  path: '/ami/bin',
  operationId: 'listBinnedImages',
  summary: 'List images that can be restored, those that go first at the top',
  request: { query: z.object({ target, region }) },
  responses: {
    200: json(
      z.object({
        images: z.array(
          z
            .object({
              ami_id: z.string(),
              name: z.string(),
              region: z.string(),
              bin: z.enum(['recycle-bin', 'retention']).describe('EC2’s, or a cleanup’s'),
              since: z.string().nullable(),
              until: z.string().nullable(),
            })
            .openapi('BinnedImage'),
        ),
      }),
      'The images',
    ),
    ...refusals,
  },
});

const restoreRoute = createRoute({
  method: 'post',
  path: '/ami/restore',
  operationId: 'restoreImage',
  summary: 'Take an image out of the bin, with its place in the registry',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            target,
            region,
            ami_id: z.string().describe('Its id, the name that it had, or TEMPLATE@VERSION'),
            by,
          })
          .openapi('Restore'),
        'Which image',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({
        images: z.array(
          z
            .object({
              ami_id: z.string(),
              region: z.string(),
              template: z.string().nullable(),
              version: z.string().nullable(),
              channels: z.array(z.string()).describe('That point to it again'),
              reason: z.string().nullable().describe('Why it is no version any more'),
            })
            .openapi('RestoredImage'),
        ),
      }),
      'They can be launched again',
    ),
    ...refusals,
  },
});

export function deletionsApi(factory: Factory) {
  return room()
    .openapi(deleteRoute, async (c) => {
      const own = forCaller(factory, c);
      const { ami_id: image, deregister_only: deregisterOnly, ...body } = c.req.valid('json');
      const order = {
        target: body.target,
        region: body.region,
        image,
        version: body.version,
        deregisterOnly,
      };
      const planned = await planDeletion(own, order);
      const seen = planned.filter(({ imageId }) => body.only?.includes(imageId) ?? true);
      const done = body.dry_run
        ? []
        : await deleteImages(own, order, {
            force: body.force,
            binDays: body.bin_days ?? factory.retention.binDays,
            only: seen.map(({ imageId }) => imageId),
            by: body.by,
          });
      return c.json(
        { dry_run: body.dry_run, images: seen.map(toPlannedBody), done: done.map(toDeletedBody) },
        200,
      );
    })
    .openapi(binRoute, async (c) => {
      const images = await listBin(forCaller(factory, c), c.req.valid('query'));
      const body = images.map(({ imageId, name, region: at, bin, since = null, until = null }) => ({
        ...{ ami_id: imageId, name, region: at, bin, since, until },
      }));
      return c.json({ images: body }, 200);
    })
    .openapi(restoreRoute, async (c) => {
      const { ami_id: image, ...order } = c.req.valid('json');
      const restored = await restoreImage(forCaller(factory, c), { ...order, image });
      const body = restored.map(({ imageId, region: at, version }) => ({
        ami_id: imageId,
        region: at,
        template: version?.template ?? null,
        version: version?.version ?? null,
        channels: [...(version?.channels ?? [])],
        reason: version?.because ?? null,
      }));
      return c.json({ images: body }, 200);
    });
}
