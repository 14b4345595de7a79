/** A template as the API shows it. */
import { z } from '@hono/zod-openapi';
import { urlPattern } from '../../factory/readiness/ask-http.ts';
import type { Readiness, Template, TemplateStep } from '../../factory/templates/template.ts';

export const problemSchema = z
  .object({
    file: z.string(),
    line: z.number().optional(),
    column: z.number().optional(),
    field: z.string().describe('`steps[0].run`; empty for the file as a whole'),
    message: z.string(),
  })
  .openapi('TemplateProblem');

const stepSchema = z.object({
  name: z.string(),
  run: z.string(),
  file: z.string(),
  line: z.number(),
  files: z.array(z.object({ source: z.string(), target: z.string() })),
  inputs: z.array(z.string()),
  timeout_seconds: z.number(),
  cached: z.boolean(),
});

export const templateSchema = z
  .object({
    slug: z.string(),
    name: z.string(),
    description: z.string(),
    file: z.string(),
    base: z.string().describe('The alias or image that it starts from, or `saved-instance`'),
    architectures: z.array(z.enum(['x86_64', 'arm64'])),
    regions: z.array(z.string()),
    parameters: z.array(
      z.object({
        name: z.string(),
        type: z.enum(['string', 'number', 'boolean']),
        description: z.string(),
        default: z.union([z.string(), z.number(), z.boolean()]).optional(),
        required: z.boolean(),
        choices: z.array(z.union([z.string(), z.number()])).optional(),
        secret: z.boolean(),
      }),
    ),
    steps: z.array(stepSchema),
    first_boot: z.array(stepSchema).describe('Run at each deployment, and in no image'),
    readiness: z
      .object({
        asks: z.array(z.string()).describe('`https://{address}/login is 200`, `tcp 22`, `command …`'),
        interval_seconds: z.number(),
        attempts: z.number(),
      })
      .nullable(),
    golden_image: z.boolean().describe('A deployment that came up leaves an image behind'),
    validation_tests: z.array(z.object({ name: z.string(), command: z.string() })),
    ports: z.array(z.number()),
    tags: z.record(z.string(), z.string()),
    estimated_cost_per_hour: z.record(z.string(), z.number()),
    amis: z.record(z.string(), z.record(z.string(), z.string())).describe('By region and architecture'),
    digest: z.string(),
    source: z.string().describe('The YAML text'),
  })
  .openapi('Template');

export function toTemplateBody(template: Template): z.output<typeof templateSchema> {
  const { base, amiConfig } = template;
  return {
    slug: template.slug,
    name: template.name,
    description: template.description,
    file: template.file,
    base: base.kind === 'saved-instance' ? base.kind : base.source,
    architectures: [...base.architectures],
    regions: [...(template.regions ?? [])],
    parameters: template.declarations.map(({ choices, ...each }) => ({
      ...each,
      ...(choices === undefined ? {} : { choices: [...choices] }),
    })),
    steps: template.steps.map(toStepBody),
    first_boot: template.firstBoot.map(toStepBody),
    readiness: template.readiness === undefined ? null : toReadinessBody(template.readiness),
    golden_image: template.goldenImage !== undefined,
    validation_tests: template.validations.map(({ name, command }) => ({ name, command })),
    ports: [...template.ports],
    tags: template.tags,
    estimated_cost_per_hour: template.estimatedCostPerHour,
    amis: amiConfig.amis,
    digest: template.digest,
    source: template.source,
  };
}

function toStepBody({ name, run, file, line, files, inputs, timeoutMs, cache }: TemplateStep) {
  return {
    ...{ name, run, file, line },
    files: files.map(({ source, target }) => ({ source, target })),
    inputs: [...inputs],
    timeout_seconds: timeoutMs / 1000,
    cached: cache.use,
  };
}

function toReadinessBody({ http, tcp, command, intervalMs, attempts }: Readiness) {
  return {
    asks: [
      ...(http === undefined ? [] : [`${urlPattern(http)} is ${http.status}`]),
      ...(tcp === undefined ? [] : [`tcp ${tcp.port}`]),
      ...(command === undefined ? [] : [`command ${command.trim()}`]),
    ],
    interval_seconds: intervalMs / 1000,
    attempts,
  };
}
