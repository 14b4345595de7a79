import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { FactoryError } from '../../factory/factory-error.ts';
import { listTemplates, loadTemplate } from '../../factory/templates/load-template.ts';
import { templatePlaces } from '../../factory/templates/places.ts';
import { TemplateErrors } from '../../factory/templates/template-errors.ts';
import { ownFolder, refuseFile } from '../access/server-files.ts';
import { json, orNull, refusals, room } from '../room.ts';
import { problemSchema, templateSchema, toTemplateBody } from './template-body.ts';

const from = z
  .string()
  .startsWith('/', 'must be an absolute path')
  .optional()
  .describe(
    'The folder of whoever asks, not of a viewer: its `templates/` counts, relative paths begin there',
  );

const listed = z.object({
  slug: z.string(),
  file: z.string(),
  template: orNull(templateSchema),
  problems: z.array(problemSchema),
});

const listRoute = createRoute({
  method: 'get',
  path: '/templates',
  operationId: 'listTemplates',
  summary: 'List templates; one that cannot be read comes with its problems',
  request: { query: z.object({ from }) },
  responses: {
    200: json(z.object({ templates: z.array(listed) }), 'The templates'),
    ...refusals,
  },
});

const showRoute = createRoute({
  method: 'get',
  path: '/templates/{slug}',
  operationId: 'getTemplate',
  summary: 'Show a template',
  request: { params: z.object({ slug: z.string() }), query: z.object({ from }) },
  responses: { 200: json(templateSchema, 'The template'), ...refusals },
});

const validateRoute = createRoute({
  method: 'post',
  path: '/templates/validate',
  operationId: 'validateTemplate',
  summary: 'Check a template by slug, by path, or as a text',
  request: {
    body: {
      ...json(
        z.strictObject({
          template: z.string().min(1).describe('A slug or a path; of a text, the path where it would be'),
          source: z.string().optional().describe('The text, if it is no file yet'),
          from,
          parameters: z.record(z.string(), z.string()).optional().describe('Required ones may be left out'),
        }),
        'What to check',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({
        valid: z.boolean(),
        problems: z.array(problemSchema),
        template: orNull(templateSchema).describe('Where it is valid'),
      }),
      'What was found',
    ),
    ...refusals,
  },
});

export function templatesApi({ directories }: Pick<Factory, 'directories'>) {
  const places = (at: string | undefined) => templatePlaces(directories.templates, at);
  return room()
    .openapi(listRoute, async (c) => {
      const found = await listTemplates(places(ownFolder(c, c.req.valid('query').from)));
      const templates = found.map(
        ({ slug, file, template }): z.output<typeof listed> =>
          template instanceof TemplateErrors
            ? { slug, file, template: null, problems: [...template.problems] }
            : { slug, file, template: toTemplateBody(template), problems: [] },
      );
      return c.json({ templates }, 200);
    })
    .openapi(showRoute, async (c) => {
      const { slug } = c.req.valid('param');
      refuseFile(c, slug);
      const from = ownFolder(c, c.req.valid('query').from);
      const loaded = loadTemplate(slug, { ...places(from), examples: true });
      return c.json(toTemplateBody(await loaded.catch(refused)), 200);
    })
    .openapi(validateRoute, async (c) => {
      const { template: name, source: text, from: at, parameters = {} } = c.req.valid('json');
      try {
        const template = await loadTemplate(name, {
          ...places(at),
          parameters,
          examples: true,
          ...(text === undefined ? {} : { text }),
        });
        return c.json({ valid: true, problems: [], template: toTemplateBody(template) }, 200);
      } catch (error) {
        if (!(error instanceof TemplateErrors)) throw error;
        return c.json({ valid: false, problems: [...error.problems], template: null }, 200);
      }
    });
}

function refused(error: unknown): never {
  if (!(error instanceof TemplateErrors)) throw error;
  const missing = error.problems.every(({ line }) => line === undefined);
  throw new FactoryError(missing ? 'not-found' : 'invalid', error.message, { cause: error });
}
