/**
 * The registry as one JSON document: what one machine tells others of its versions. docs/reference/registry.md
 * describes it. `version`, `last_updated` and `templates` with `version`, `description`, `amis`, `ports` and
 * `estimated_cost_per_hour` are the form that registries had before Ingot; the rest is Ingot's, and may be missing.
 */
import { z } from 'zod';

export const registryFormat = '1.0';

const architecture = z.enum(['x86_64', 'arm64']);
const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]*$/i, 'must be letters, digits, dots, dashes and underscores');
const versionName = z.string().min(1).max(128);

const ami = z
  .object({
    ami_id: z.string().regex(/^ami-[0-9a-z]+$/, 'must be an image id, such as ami-0123456789abcdef0'),
    created: z.iso.datetime({ offset: true }),
    validated: z.boolean().default(false),
    size_gb: z.number().nonnegative().default(0),
    version: versionName.optional().describe("Where it isn't the template's."),
    revoked: z
      .object({ at: z.iso.datetime({ offset: true }), by: z.string(), reason: z.string() })
      .optional()
      .describe('Nobody shall launch it any more.'),
  })
  .readonly();

const perPlace = <V extends z.ZodType>(value: V) =>
  z.record(z.string(), z.partialRecord(architecture, value).readonly()).readonly();

const template = z
  .object({
    version: versionName,
    description: z.string().default(''),
    amis: perPlace(ami).default({}),
    ports: z.array(z.int().min(1).max(65_535)).readonly().default([]),
    estimated_cost_per_hour: z.partialRecord(architecture, z.number().nonnegative()).readonly().default({}),
    channels: z
      .record(z.string(), perPlace(versionName))
      .readonly()
      .default({})
      .describe('By channel, region and architecture: the version that it points to.'),
    versions: z
      .array(z.object({ version: versionName, amis: perPlace(ami) }).readonly())
      .readonly()
      .default([])
      .describe('Every version, newest first.'),
  })
  .readonly();

export const registrySchema = z
  .object({
    version: z.literal(registryFormat, `must be "${registryFormat}"`),
    last_updated: z.iso.datetime({ offset: true }),
    templates: z.record(slug, template).readonly(),
  })
  .readonly();

export type RegistryDocument = z.output<typeof registrySchema>;
export type RegistryTemplate = z.output<typeof template>;
export type RegistryAmi = z.output<typeof ami>;
/** By region and architecture. */
export type PerPlace<T> = Readonly<Record<string, Readonly<Partial<Record<'x86_64' | 'arm64', T>>>>>;
