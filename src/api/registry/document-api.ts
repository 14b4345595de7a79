/** The registry as one JSON document, and what is written into templates. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { exportRegistry, registryText } from '../../factory/registry/document/export-registry.ts';
import { importRegistry, parseRegistry } from '../../factory/registry/document/import-registry.ts';
import { mergeRegistry } from '../../factory/registry/document/merge-registry.ts';
import { registrySchema } from '../../factory/registry/document/schema.ts';
import { updateTemplates } from '../../factory/registry/update-templates.ts';
import { allowed, json, refusals, room } from '../room.ts';
import { actor, architecture, places } from './schemas.ts';

const shown = z.string().default('latest').describe('The channel that `amis` shows');

const exportRoute = createRoute({
  method: 'get',
  path: '/registry/registry.json',
  operationId: 'exportRegistry',
  summary: 'The registry as a document that others can read',
  request: {
    query: z.object({ target: places.target, channel: shown, template: z.string().optional() }),
  },
  responses: {
    200: json(registrySchema, 'The document'),
    ...refusals,
  },
});

const mergeRoute = createRoute({
  method: 'post',
  path: '/registry/merge',
  operationId: 'mergeRegistry',
  ...allowed('viewer'),
  summary: 'Bring a document up to date: what others wrote into it stays',
  request: {
    body: {
      ...json(
        z.strictObject({
          document: z.string().optional().describe('Its text as it is; a new one unless given'),
          channel: shown,
          template: z.string().optional(),
          ...places,
        }),
        'What to bring up to date',
      ),
      required: true,
    },
  },
  responses: { 200: json(z.object({ document: z.string() }), 'The text as it should be'), ...refusals },
});

const importRoute = createRoute({
  method: 'post',
  path: '/registry/import',
  operationId: 'importRegistry',
  summary: 'Take over versions from a document: marked imported, and unproven here',
  request: {
    body: {
      ...json(
        z.strictObject({
          document: z.string().describe('Its text'),
          source: z.string().default('the document').describe('What messages call it'),
          target: places.target,
          ...actor,
        }),
        'What to take over',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({
        versions: z.number().describe('New here'),
        known: z.number().describe('Registered here before'),
        channels: z.number().describe('Set here'),
        revoked: z.number(),
        kept: z.array(z.string()).describe('What stayed as it is here, and why'),
      }),
      'What came',
    ),
    ...refusals,
  },
});

const templatesRoute = createRoute({
  method: 'post',
  path: '/registry/update-templates',
  operationId: 'updateTemplates',
  summary: "Write current image ids into templates' ami_config",
  request: {
    body: {
      ...json(
        z
          .strictObject({
            templates: z.array(z.string()).optional().describe('Slugs or absolute paths; all unless told'),
            from: z.string().startsWith('/').optional().describe('A folder whose templates/ counts too'),
            channel: z.string().default('latest'),
            dry_run: z.boolean().default(false),
            ...places,
          })
          .openapi('TemplatesUpdate'),
        'Which templates',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({
        templates: z.array(
          z.object({
            template: z.string(),
            file: z.string(),
            set: z.array(z.object({ region: z.string(), architecture, ami_id: z.string().nullable() })),
            same: z.number(),
          }),
        ),
      }),
      'What was set; an id of null was taken out',
    ),
    ...refusals,
  },
});

export function documentApi(factory: Factory) {
  const { db } = factory;
  return room()
    .openapi(exportRoute, async (c) => {
      return c.json(await exportRegistry(db.read, c.req.valid('query')), 200);
    })
    .openapi(mergeRoute, async (c) => {
      const { document, ...part } = c.req.valid('json');
      const own = await exportRegistry(db.read, part);
      const into =
        document === undefined ? { ...own, templates: {} } : parseRegistry(document, 'the document');
      return c.json({ document: registryText(mergeRegistry(into, own, part)) }, 200);
    })
    .openapi(importRoute, async (c) => {
      const { document, source, ...given } = c.req.valid('json');
      const parsed = parseRegistry(document, source);
      const imported = await importRegistry(db, parsed, { ...given, at: factory.now() });
      return c.json({ ...imported, kept: [...imported.kept] }, 200);
    })
    .openapi(templatesRoute, async (c) => {
      const { dry_run: dryRun, ...update } = c.req.valid('json');
      const updated = await updateTemplates(factory, { ...update, dryRun });
      const templates = updated.map(({ slug, file, changed, same }) => ({
        template: slug,
        file,
        set: changed.map(({ region, architecture, imageId }) => {
          return { region, architecture, ami_id: imageId ?? null };
        }),
        same,
      }));
      return c.json({ templates }, 200);
    });
}
