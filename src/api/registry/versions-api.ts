/** Versions: listed, shown whole, compared, and as a bill of materials. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { ancestryOf } from '../../factory/registry/ancestry.ts';
import { diffVersions } from '../../factory/registry/diff-versions.ts';
import { readVersion } from '../../factory/registry/find-versions.ts';
import { listVersions } from '../../factory/registry/list-versions.ts';
import { cycloneDxVersion, sbomOf } from '../../factory/registry/packages/sbom.ts';
import { parseReference } from '../../factory/registry/reference.ts';
import { selectPair, selectVersion } from '../../factory/registry/select-version.ts';
import { listChannels } from '../../factory/registry/set-channel.ts';
import { packageFacts } from '../../platform/package-facts.ts';
import { nextPage, openPage, pageQuery } from '../page.ts';
import { json, refusals, room } from '../room.ts';
import { diffSchema, toDiffBody } from './diff-body.ts';
import { listedVersionSchema, places, reference, toListedBody } from './schemas.ts';
import { toDetailBody, versionDetailSchema } from './version-detail.ts';

const sbomType = 'application/vnd.cyclonedx+json';

const listRoute = createRoute({
  method: 'get',
  path: '/registry/versions',
  operationId: 'listVersions',
  summary: 'List versions, newest first',
  request: { query: z.object({ template: z.string().optional(), ...places, ...pageQuery }) },
  responses: {
    200: json(z.object({ versions: z.array(listedVersionSchema), ...nextPage }), 'The versions'),
    ...refusals,
  },
});

const showRoute = createRoute({
  method: 'get',
  path: '/registry/version',
  operationId: 'getVersion',
  summary: 'Show a version: provenance, proof, channels, ancestry',
  request: { query: z.object({ reference, ...places }) },
  responses: { 200: json(versionDetailSchema, 'The version'), ...refusals },
});

const sbomRoute = createRoute({
  method: 'get',
  path: '/registry/sbom',
  operationId: 'getVersionSbom',
  summary: "A version's bill of materials: CycloneDX, JSON",
  request: { query: z.object({ reference, ...places }) },
  responses: {
    200: {
      description: 'The bill of materials',
      content: { [sbomType]: { schema: z.record(z.string(), z.unknown()) } },
    },
    ...refusals,
  },
});

const diffRoute = createRoute({
  method: 'get',
  path: '/registry/diff',
  operationId: 'diffVersions',
  summary: 'Compare two versions by what they carry: packages, size, boot time, checks, steps',
  request: { query: z.object({ from: reference, to: reference, ...places }) },
  responses: { 200: json(diffSchema, 'What is different'), ...refusals },
});

export function versionsApi(factory: Factory) {
  const { db } = factory;
  return room()
    .openapi(listRoute, async (c) => {
      const { limit, page_token, ...filter } = c.req.valid('query');
      const page = openPage('listVersions', { limit, page_token, ...filter });
      const versions = await listVersions(db.read, filter);
      const { rows, next_page_token } = page.of(versions, (each) => [each.target, each.imageId], 'own');
      return c.json({ versions: rows.map(toListedBody), next_page_token }, 200);
    })
    .openapi(showRoute, async (c) => {
      const query = c.req.valid('query');
      const entry = await selectVersion(db.read, parseReference(query.reference), query);
      const { target, imageId } = entry;
      const channels = await listChannels(db.read, { target, imageId });
      const body = toDetailBody(
        entry,
        await readVersion(db.read, target, imageId),
        channels.map(({ channel }) => channel),
        await ancestryOf(factory, entry),
      );
      return c.json(body, 200);
    })
    .openapi(sbomRoute, async (c) => {
      const query = c.req.valid('query');
      const { target, imageId } = await selectVersion(db.read, parseReference(query.reference), query);
      const sbom = await sbomOf(await readVersion(db.read, target, imageId), packageFacts().version);
      return c.json(JSON.parse(sbom), 200, { 'content-type': `${sbomType}; version=${cycloneDxVersion}` });
    })
    .openapi(diffRoute, async (c) => {
      const query = c.req.valid('query');
      const references = [parseReference(query.from), parseReference(query.to)] as const;
      const [from, to] = await selectPair(db.read, references, query);
      const diff = diffVersions(
        await readVersion(db.read, from.target, from.imageId),
        await readVersion(db.read, to.target, to.imageId),
      );
      return c.json(toDiffBody(diff), 200);
    });
}
