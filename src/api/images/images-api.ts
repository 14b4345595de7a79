/** The account's own images. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { findOwnImage } from '../../factory/images/find-own-image.ts';
import { listOwnImages } from '../../factory/images/list-own-images.ts';
import type { ListedImage, OwnImage } from '../../factory/images/own-image.ts';
import { sizeImages } from '../../factory/images/size-images.ts';
import { nextPage, openPage, pageQuery } from '../page.ts';
import { json, refusals, room } from '../room.ts';
import { keepLists } from './kept-lists.ts';

const imageSchema = z
  .object({
    ami_id: z.string(),
    name: z.string(),
    description: z.string(),
    region: z.string(),
    architecture: z.enum(['x86_64', 'arm64']),
    owner: z.string(),
    creation_date: z.string(),
    state: z.string(),
    public: z.boolean(),
    tags: z.record(z.string(), z.string()),
    storage_cost: z.number().describe('US dollars a month'),
    target: z.string(),
    template_name: z.string().nullable(),
    version: z.string().nullable(),
    channels: z.array(z.string()),
    proven: z.boolean().describe('A machine launched from it passed its checks'),
    revoked: z.boolean(),
    size_gb: z.number(),
    stored_bytes: z.number(),
    snapshot_ids: z.array(z.string()),
    source_instance: z.string().nullable(),
    parent_ami_id: z.string().nullable(),
    last_launched: z.string().nullable(),
    consistency: z.string().nullable().describe('stopped, rebooted, filesystem or crash'),
    project: z.string().nullable(),
  })
  .openapi('OwnImage');

const place = {
  target: z.string().default('local'),
  region: z.string().optional().describe('Every region of the target unless told'),
};

const listRoute = createRoute({
  method: 'get',
  path: '/ami/list',
  operationId: 'listAmis',
  summary: "List the account's own images, newest first",
  request: {
    query: z.object({
      ...place,
      template: z.string().optional(),
      tags: z.string().optional().describe('KEY=VALUE,…: each must be there; KEY alone stands for any value'),
      ...pageQuery,
    }),
  },
  responses: {
    200: json(z.object({ amis: z.array(imageSchema), count: z.number(), ...nextPage }), 'The images'),
    ...refusals,
  },
});

const showRoute = createRoute({
  method: 'get',
  path: '/ami/show/{ami}',
  operationId: 'getAmi',
  summary: "Show one of the account's own images, by its id or name, or a template's newest",
  request: { params: z.object({ ami: z.string() }), query: z.object(place) },
  responses: {
    200: json(
      imageSchema
        .extend({
          creation_id: z.string().nullable(),
          lineage: z
            .array(
              z.object({ ami_id: z.string(), name: z.string().nullable(), version: z.string().nullable() }),
            )
            .describe('What it was made from, nearest first'),
        })
        .openapi('OwnImageDetail'),
      'The image',
    ),
    ...refusals,
  },
});

export function imagesApi(factory: Factory) {
  const lists = keepLists<readonly ListedImage[]>(factory.now);
  return room()
    .openapi(listRoute, async (c) => {
      const query = c.req.valid('query');
      const { target, region, template, tags } = query;
      const choice = { target, region, template, ...(tags === undefined ? {} : { tags: readTags(tags) }) };
      const images = await lists.list(JSON.stringify(choice), query.page_token === undefined, () =>
        listOwnImages(factory, choice),
      );
      const page = openPage('listAmis', query);
      const { rows, ...next } = page.of(
        images,
        ({ createdAt, imageId }) => [createdAt, imageId],
        'descending',
      );
      const amis = (await sizeImages(factory, rows)).map(toImageBody);
      return c.json({ amis, count: images.length, ...next }, 200);
    })
    .openapi(showRoute, async (c) => {
      const { ami: name } = c.req.valid('param');
      const { image, creationId, lineage } = await findOwnImage(factory, { ...c.req.valid('query'), name });
      return c.json(
        {
          ...toImageBody(image),
          creation_id: creationId ?? null,
          lineage: lineage.map((each) => ({
            ...{ ami_id: each.imageId, name: each.name ?? null, version: each.version ?? null },
          })),
        },
        200,
      );
    });
}

function readTags(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text
      .split(',')
      .map((pair) => pair.trim())
      .filter((pair) => pair !== '')
      .map((pair) => {
        const at = pair.indexOf('=');
        return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      }),
  );
}

function toImageBody(image: OwnImage): z.output<typeof imageSchema> {
  return {
    ami_id: image.imageId,
    name: image.name,
    description: image.description,
    region: image.region,
    architecture: image.architecture,
    owner: image.owner,
    creation_date: image.createdAt,
    state: image.state,
    public: image.public,
    tags: { ...image.tags },
    storage_cost: image.storagePerMonth,
    target: image.target,
    template_name: image.template ?? null,
    version: image.version ?? null,
    channels: [...image.channels],
    proven: image.proven,
    revoked: image.revoked,
    size_gb: image.sizeGiB,
    stored_bytes: image.storedBytes,
    snapshot_ids: [...image.snapshotIds],
    source_instance: image.instanceId ?? null,
    parent_ami_id: image.parentImageId ?? null,
    last_launched: image.lastLaunchedAt ?? null,
    consistency: image.consistency ?? null,
    project: image.project ?? null,
  };
}
