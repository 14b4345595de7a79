/** Catalogues: what others publish, and publishing. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Entry, Manifest } from '../../factory/catalogue/format.ts';
import {
  addCatalogue,
  browseCatalogue,
  catalogueEntry,
  inspectCatalogue,
  type KnownCatalogue,
  listCatalogues,
  removeCatalogue,
} from '../../factory/catalogue/known-catalogues.ts';
import type { Factory } from '../../factory/factory.ts';
import { architecture } from '../registry/schemas.ts';
import { json, refusals, room } from '../room.ts';
import { entrySchema, knownSchema, manifestSchema } from './catalogue-schemas.ts';

const location = z.string().min(1).describe('A folder of the server, absolute, or a URL');

const inspectRoute = createRoute({
  method: 'post',
  path: '/catalogues/inspect',
  operationId: 'inspectCatalogue',
  summary: 'Tell what a catalogue is and who signs it, before it is trusted',
  request: { body: { ...json(z.strictObject({ location }), 'Where it lies'), required: true } },
  responses: {
    200: json(
      z.object({ name: z.string(), description: z.string(), fingerprint: z.string(), entries: z.number() }),
      'What it says of itself',
    ),
    ...refusals,
  },
});

const addRoute = createRoute({
  method: 'post',
  path: '/catalogues',
  operationId: 'addCatalogue',
  summary: 'Trust a catalogue, by the fingerprint of its key',
  request: {
    body: {
      ...json(z.strictObject({ location, fingerprint: z.string().min(1) }), 'Which one'),
      required: true,
    },
  },
  responses: { 200: json(knownSchema, 'It is trusted from now on'), ...refusals },
});

const listRoute = createRoute({
  method: 'get',
  path: '/catalogues',
  operationId: 'listCatalogues',
  summary: 'List the catalogues that are trusted here',
  responses: { 200: json(z.object({ catalogues: z.array(knownSchema) }), 'All of them') },
});

const named = { params: z.object({ name: z.string() }) };

const removeRoute = createRoute({
  method: 'delete',
  path: '/catalogues/{name}',
  operationId: 'removeCatalogue',
  summary: 'Trust a catalogue no more',
  request: named,
  responses: { 200: json(z.object({ name: z.string() }), 'It is forgotten'), ...refusals },
});

const browseRoute = createRoute({
  method: 'get',
  path: '/catalogues/{name}/entries',
  operationId: 'browseCatalogue',
  summary: 'List what a catalogue has, verified',
  request: named,
  responses: { 200: json(z.object({ entries: z.array(entrySchema) }), 'Its entries'), ...refusals },
});

const showRoute = createRoute({
  method: 'get',
  path: '/catalogues/{name}/entries/{template}/{version}/{architecture}',
  operationId: 'getCatalogueEntry',
  summary: 'Show one entry and its images, verified',
  request: {
    params: z.object({ name: z.string(), template: z.string(), version: z.string(), architecture }),
  },
  responses: { 200: json(manifestSchema, 'The entry'), ...refusals },
});

export function cataloguesApi(factory: Factory) {
  return room()
    .openapi(inspectRoute, async (c) => {
      const { catalogue, fingerprint } = await inspectCatalogue(c.req.valid('json').location);
      const { name, description, entries } = catalogue;
      return c.json({ name, description, fingerprint, entries: entries.length }, 200);
    })
    .openapi(addRoute, async (c) => {
      const { location: given, fingerprint } = c.req.valid('json');
      return c.json(toKnown(await addCatalogue(factory, given, fingerprint)), 200);
    })
    .openapi(listRoute, async (c) =>
      c.json({ catalogues: (await listCatalogues(factory)).map(toKnown) }, 200),
    )
    .openapi(removeRoute, async (c) => {
      const { name } = c.req.valid('param');
      await removeCatalogue(factory, name);
      return c.json({ name }, 200);
    })
    .openapi(browseRoute, async (c) => {
      const { catalogue } = await browseCatalogue(factory, c.req.valid('param').name);
      return c.json({ entries: catalogue.entries.map(toEntry) }, 200);
    })
    .openapi(showRoute, async (c) => {
      const { name, ...wanted } = c.req.valid('param');
      return c.json(toManifest(await catalogueEntry(factory, name, wanted)), 200);
    });
}

function toKnown({ name, location: place, fingerprint, addedAt }: KnownCatalogue) {
  return { name, location: place, fingerprint, added_at: addedAt };
}

function toEntry(entry: Omit<Entry, 'manifest'>) {
  const { template, version, architecture: arch, description, sizeGiB, publishedAt } = entry;
  return {
    ...{ template, version, architecture: arch, description },
    ...{ size_gb: sizeGiB, published_at: publishedAt },
  };
}

function toManifest(manifest: Manifest) {
  const { sshUser, ports, images, files, proven, machine } = manifest;
  const disks = (machine?.disks ?? []).map(({ device, sizeGiB, file }) => ({
    device,
    size_gb: sizeGiB,
    file,
  }));
  return {
    ...toEntry(manifest),
    ...{ ssh_user: sshUser, ports, images: images.map(toImage), proven, disks, files },
  };
}

export function toImage({ region, imageId, ownerId }: Manifest['images'][number]) {
  return { region, ami_id: imageId, owner_id: ownerId };
}
