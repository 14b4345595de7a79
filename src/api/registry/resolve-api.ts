/** Which image a launch takes, and why. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { type Resolution, resolveVersion } from '../../factory/registry/resolve-version.ts';
import { findTemplate } from '../../factory/templates/find-template.ts';
import { loadTemplate } from '../../factory/templates/load-template.ts';
import { templatePlaces } from '../../factory/templates/places.ts';
import { TemplateErrors } from '../../factory/templates/template-errors.ts';
import { json, refusals, room } from '../room.ts';
import { architecture } from './schemas.ts';

const resolutionSchema = z
  .object({
    outcome: z
      .enum(['image', 'elsewhere', 'revoked', 'none'])
      .describe('`elsewhere`: another region has it, and it is to be copied first'),
    ami_id: z.string().nullable(),
    version: z.string().nullable(),
    region: z.string().describe('Where the image is'),
    proven: z.boolean(),
    reason: z.string().nullable().describe('Why it is revoked'),
    replacement: z.string().nullable().describe('A version to take in place of the revoked one'),
    steps: z
      .array(
        z.object({
          source: z.enum(['registry', 'location', 'template', 'other-region']),
          found: z.boolean(),
          detail: z.string(),
        }),
      )
      .describe('What was asked, in order, and what it answered'),
  })
  .openapi('Resolution');

const resolveRoute = createRoute({
  method: 'get',
  path: '/registry/resolve',
  operationId: 'resolveVersion',
  summary: 'Which image a launch of a template takes here, and why',
  request: {
    query: z.object({
      template: z.string().describe('A slug'),
      name: z.string().optional().describe('A version or channel; stable, or else latest, unless told'),
      target: z.string().default('local'),
      region: z.string(),
      architecture: architecture.default('x86_64'),
      from: z.string().startsWith('/').optional().describe('A folder whose templates/ counts too'),
    }),
  },
  responses: { 200: json(resolutionSchema, 'The image, or why there is none'), ...refusals },
});

export function resolveApi(factory: Factory) {
  return room().openapi(resolveRoute, async (c) => {
    const { from, ...query } = c.req.valid('query');
    const amis = await amisOfTemplate(factory, query.template, from);
    const resolution = await resolveVersion(factory, { ...query, amis });
    return c.json(toBody(resolution, query.region), 200);
  });
}

/** A template that isn't at hand here may be in the registry all the same. */
async function amisOfTemplate({ directories }: Factory, template: string, from: string | undefined) {
  const places = templatePlaces(directories.templates, from);
  try {
    const file = await findTemplate(template, places);
    return (await loadTemplate(file, { ...places, examples: true })).amiConfig.amis;
  } catch (error) {
    if (error instanceof TemplateErrors) return undefined;
    throw error;
  }
}

function toBody(resolution: Resolution, region: string): z.output<typeof resolutionSchema> {
  const steps = [...resolution.steps];
  const nothing = {
    ami_id: null,
    version: null,
    proven: false,
    reason: null,
    replacement: null,
    region,
    steps,
  };
  const { outcome } = resolution;
  switch (outcome) {
    case 'none':
      return { ...nothing, outcome };
    case 'revoked':
      return {
        ...nothing,
        outcome,
        ami_id: resolution.imageId,
        reason: resolution.reason,
        replacement: resolution.replacement ?? null,
      };
    case 'elsewhere':
      return {
        ...nothing,
        outcome,
        ami_id: resolution.imageId,
        version: resolution.version,
        region: resolution.region,
      };
    case 'image':
      return {
        ...nothing,
        outcome,
        ami_id: resolution.imageId,
        version: resolution.version ?? null,
        proven: resolution.proven,
      };
  }
}
