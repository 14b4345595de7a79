/**
 * The YAML of a template: every field, and what each may hold. Nothing has a default here, so that a template which
 * `extends` another says only what it changes; `resolve-template.ts` fills in the rest.
 * docs/reference/template.schema.json is made from this.
 */
import { z } from 'zod';
import { amiConfig } from './schema-ami-config.ts';
import { goldenImage } from './schema-golden-image.ts';
import { architecture, duration, perArchitecture, port, regionName, scalarText } from './schema-parts.ts';

const name = (what: string) =>
  z
    .string()
    .regex(/^\S(?:[^\n]*\S)?$/, `${what} is one line of text`)
    .max(128);

const parameter = z
  .strictObject({
    type: z.enum(['string', 'number', 'boolean']).optional().describe('`string` unless told.'),
    description: z.string().optional(),
    default: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe('Without one, a value must be given.'),
    required: z.boolean().optional().describe('`false`: without a value the variable is empty.'),
    choices: z
      .array(z.union([z.string(), z.number()]))
      .min(1)
      .optional()
      .describe('The only values allowed.'),
    pattern: z.string().optional().describe('A regular expression that the whole value must match.'),
    secret: z
      .boolean()
      .optional()
      .describe('Its value is `@FILE`: read when a step runs; never stored, cached or logged.'),
  })
  .describe('A value that whoever builds can choose.');

const stepFile = z.strictObject({
  source: z.string().min(1).describe('A file or a folder, relative to the template.'),
  target: z
    .string()
    .regex(/^\//, 'must be an absolute path in the machine')
    .describe('Where it goes; a file keeps its name in a target that ends with `/`.'),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, "must be permission bits in quotes, such as '0644'")
    .optional()
    .describe("`'0755'` where the source can be executed, else `'0644'`."),
});

const cache = z
  .union(
    [
      z.boolean(),
      z.literal('no'),
      z.strictObject({
        no: z.boolean().optional().describe('`true`: run at every build.'),
        max_age: duration.optional().describe('Run again when the cached step is older.'),
      }),
    ],
    'must be true, false, or a map with `no` or `max_age`',
  )
  .describe('Whether a later build may take up from here. It may unless told.');

const step = z.strictObject({
  name: name('a step').describe('Shown while it runs; unique in the template.'),
  run: z.string().min(1).describe('The script, run as root. Its first line may name an interpreter.'),
  files: z.array(stepFile).optional().describe('Copied into the machine before the script runs.'),
  inputs: z
    .array(z.string().min(1))
    .optional()
    .describe('More files and folders, relative to the template, whose change makes the step run again.'),
  timeout: duration.optional().describe('2h unless told.'),
  cache: cache.optional(),
});

const validation = z.strictObject({
  name: name('a validation').describe('Shown with its result; unique in the template.'),
  command: z.string().min(1).describe('Run as root in the machine.'),
  expected: scalarText.optional().describe('What it must print, but for white space around it.'),
  expected_contains: scalarText.optional().describe('What must be somewhere in what it prints.'),
  matches: z.string().optional().describe('A regular expression that what it prints must match.'),
  status: z.int().min(0).max(255).optional().describe('Its exit status; 0 unless told.'),
  timeout: duration.optional().describe('10m unless told.'),
});

const readiness = z.strictObject({
  http: z
    .strictObject({
      port: port.optional().describe('80 unless told; 443 asks over HTTPS.'),
      path: z.string().regex(/^\//, 'must begin with /').optional().describe('`/` unless told.'),
      url: z
        .string()
        .regex(/^https?:\/\//, 'must begin with http:// or https://')
        .optional()
        .describe("In place of port and path; `{address}` stands for the machine's."),
      status: z.int().min(100).max(599).optional().describe('200 unless told.'),
      contains: z
        .union([z.string(), z.array(z.string()).min(1)], 'must be a text or a list of texts')
        .optional()
        .describe('One of these must be in the answer, in any case of letters.'),
      insecure: z.boolean().optional().describe('Accept a certificate that nobody vouches for.'),
    })
    .optional(),
  tcp: z.strictObject({ port }).optional().describe('This port accepts a connection.'),
  command: z.string().min(1).optional().describe('This command ends with status 0 in the machine.'),
  interval: duration.optional().describe('Between two attempts; 30s unless told.'),
  attempts: z.int().min(1).optional().describe('180 unless told.'),
  delay: duration.optional().describe('Before the first attempt; none unless told.'),
  deadline: duration.optional().describe('For all attempts together; none unless told.'),
});

const cleaned = (what: string) => z.boolean().optional().describe(`${what} \`true\` unless told.`);

const clean = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        host_keys: cleaned("The machine's SSH keys, so that no two machines share them."),
        machine_id: cleaned('`/etc/machine-id`.'),
        authorized_keys: cleaned('Keys that open accounts.'),
        history: cleaned("Shells' histories."),
        logs: cleaned('Logs and the journal.'),
        cloud_init: cleaned("cloud-init's state, so that it sets up each machine launched."),
        temporary_files: cleaned('`/tmp` and `/var/tmp`.'),
        package_cache: cleaned('Packages that apt, dnf or apk downloaded.'),
        paths: z
          .array(z.string().regex(/^\/[^\n]*[^/\n]$/, 'must be an absolute path in the machine'))
          .optional()
          .describe('Files and folders of your own that no image may have, such as those that hold secrets.'),
      }),
    ],
    'must be true, false, or a map of what to clean',
  )
  .describe('What is removed before the image is taken. `false` removes nothing.');

export const templateSchema = z
  .strictObject({
    name: name('the name').describe('What people read.'),
    description: z.string().optional(),
    extends: z
      .string()
      .min(1)
      .optional()
      .describe('The template that this one adds to: a slug, or a path relative to this file.'),
    parameters: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'a parameter is named in a-z, 0-9 and _, a letter first'),
        parameter,
      )
      .optional()
      // biome-ignore lint/suspicious/noTemplateCurlyInString: people write it so
      .describe('Scripts read them as variables; other fields as `${{ parameters.NAME }}`.'),
    base_ami: z
      .strictObject({
        source: z.string().min(1).optional().describe('An alias such as `debian-12`, an image id or name.'),
        architecture: z
          .union([architecture, z.array(architecture).min(1)], 'must be an architecture or a list of them')
          .optional()
          .describe('Which to build; `x86_64` unless told.'),
      })
      .optional()
      .describe('The image that the build starts from.'),
    base: z
      .literal('saved-instance')
      .optional()
      .describe('In place of `base_ami`: the template was saved from a machine.'),
    source: z.string().optional().describe('Of a saved template: `saved-from-instance`.'),
    original_instance: z.string().optional().describe('Of a saved template: the machine.'),
    saved_from: z.string().optional().describe('Of a saved template: the machine.'),
    saved_date: z.string().optional().describe('Of a saved template: when, as in 2026-01-15T10:30:00Z.'),
    regions: z.array(regionName).min(1).optional().describe('Where `build-all` builds it.'),
    min_disk_size: z.int().min(1).max(16_384).optional().describe('GiB that the root volume has at least.'),
    setup_script: z.string().min(1).optional().describe('One step, before all others.'),
    steps: z.array(step).optional().describe('Scripts, one after another; each can be cached.'),
    first_boot: z
      .array(step)
      .optional()
      .describe(
        'Steps of every deployment, after the others, and never of an image: what makes one machine this one.',
      ),
    validation_tests: z
      .array(validation)
      .optional()
      .describe('Run after the steps, and again on a machine launched from the new image.'),
    ports: z.array(port).optional().describe('What a launch opens; 22 always is.'),
    estimated_cost_per_hour: perArchitecture(z.number().min(0)).optional().describe('US dollars.'),
    tags: z
      .record(
        z
          .string()
          .min(1)
          .max(128)
          .refine((key) => !/^(aws|ingot):/i.test(key), '`aws:` and `ingot:` tags are not yours to set'),
        scalarText.pipe(z.string().max(256)),
      )
      .optional()
      .describe("The image's, its snapshots', and those of machines launched from it."),
    ami_config: amiConfig.optional().describe('How a launch finds the image.'),
    readiness: readiness.optional().describe('When a machine launched from the template is ready.'),
    golden_image: goldenImage.optional(),
    clean: clean.optional(),
    retention: z
      .strictObject({
        keep_latest: z
          .int()
          .min(1)
          .optional()
          .describe('How many versions stay, in each region, and of those that each channel had.'),
        max_age: duration.optional().describe('Older versions go, as in 90d.'),
        unused_for: duration.optional().describe('Those that were launched within it stay.'),
        budget_gb: z.number().min(0).optional().describe('Beyond it the oldest go, in each region.'),
        budget_per_month: z.number().min(0).optional().describe('The same in US dollars.'),
      })
      .optional()
      .describe('Which versions `ami cleanup` removes. What is in use always stays.'),
  })
  .describe('A template of Ingot: from a base image to an image of your own.');

export type TemplateDocument = z.output<typeof templateSchema>;
