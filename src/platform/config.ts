/**
 * What a home is configured to be: `config.yaml` in it, over the defaults below; for the home and the port the
 * environment comes first. docs/reference/configuration.md describes each field, and a test holds it to this.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Environment, environment } from './config-environment.ts';
import { DocumentError, readYaml } from './config-yaml.ts';
import { readIfPresent } from './files.ts';
import type { AccountId, NodeId } from './ids.ts';

const accountId = z
  .string('must be 12 digits in quotes')
  .regex(/^\d{12}$/, 'must be 12 digits in quotes')
  .transform((id) => id as AccountId);
const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must look like us-east-1');
const nodeId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits and dashes')
  .transform((id) => id as NodeId);
const port = z.int().min(0).max(65_535);
const milliseconds = z.int().positive();
const distinct = (values: readonly unknown[]) => new Set(values).size === values.length;

const days = z.number().min(0).max(3650);

/** What stays of a template's images; one goes only where every rule given lets it go. */
const retentionRules = z.strictObject({
  keepLatest: z.int().min(0).optional(),
  maxAgeDays: days.optional(),
  unusedForDays: days.optional(),
  budgetGiB: z.number().min(0).optional(),
  budgetPerMonth: z.number().min(0).optional(),
});

const receiver = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lower-case letters, digits and dashes'),
    url: z.url({ protocol: /^https?$/ }).optional(),
    command: z.array(z.string()).min(1).optional(),
    events: z
      .array(z.enum(['ready', 'failed', 'revoked', 'retired']))
      .min(1)
      .optional(),
    templates: z.array(z.string().min(1)).min(1).optional(),
  })
  .refine(({ url, command }) => (url === undefined) !== (command === undefined), {
    message: 'must have a url or a command, and not both',
  });

export const settingsSchema = z.strictObject({
  port: port.default(7979).describe('Where the server listens. 0 takes a free port.'),
  address: z
    .union([z.ipv4(), z.ipv6()], 'must be an IP address')
    .default('127.0.0.1')
    .describe('The address that it listens on. Anything but loopback lets other machines reach it.'),
  regions: z
    .array(regionName)
    .min(1)
    .refine(distinct, 'names a region twice')
    .default(['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1'])
    .describe('The regions served. A fresh client starts in the first.'),
  zones: z
    .array(z.string().regex(/^[a-z]$/, 'must be one letter'))
    .min(1)
    .refine(distinct, 'names a zone twice')
    .default(['a', 'b', 'c'])
    .describe("The letters of each region's availability zones."),
  accounts: z
    .strictObject({
      default: accountId.prefault('123456789012').describe('The account of the root credentials.'),
      bases: accountId
        .prefault('801119661308')
        .describe('The account that the owner alias `amazon` stands for: base images belong to it.'),
    })
    .prefault({}),
  recycleBinDays: z
    .int()
    .min(0)
    .max(365)
    .default(0)
    .describe(
      'Days that a deregistered image or a deleted snapshot can be restored. With 0, those alone that are tagged `ingot:retain-days`.',
    ),
  reconcileIntervalMs: milliseconds
    .default(5000)
    .describe('How often the reconciler looks at everything again without being asked.'),
  stopDeadlineMs: milliseconds
    .default(60_000)
    .describe('How long an orderly stop may take before the machine is switched off.'),
  durability: z
    .enum(['layer', 'vault'])
    .default('layer')
    .describe(
      "What a snapshot or image is complete by: `layer`, its disk on the node, at once; `vault`, its region's vault.",
    ),
  layerCacheGiB: z
    .int()
    .min(0)
    .optional()
    .describe(
      'What disks that the vault holds and nothing stands on may take on the node. Without it, they stay until a tenth of the disk is free.',
    ),
  vaultCollectIntervalHours: z
    .number()
    .positive()
    .default(24)
    .describe('How often each vault is freed of blocks that no snapshot has.'),
  memoryForInstancesMiB: z
    .int()
    .positive()
    .optional()
    .describe('Memory that instances may use in total. Without it, the node decides from what the host has.'),
  bus: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('in-process') }),
      z.strictObject({ kind: z.literal('nats'), servers: z.array(z.string().min(1)).min(1) }),
    ])
    .default({ kind: 'in-process' })
    .describe(
      'How gateway, cloud and node reach each other. `{kind: nats, servers: [nats://…]}` crosses processes.',
    ),
  node: z
    .strictObject({
      kind: z
        .enum(['embedded', 'remote'])
        .default('embedded')
        .describe('`remote`: the node runs as `ingot node` in another process, behind the bus `nats`.'),
      id: nodeId.prefault('node-1').describe('Its name on the bus and under `nodes/`.'),
    })
    .prefault({}),
  blobs: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('directory') }),
      z.strictObject({
        kind: z.literal('s3'),
        bucket: z.string().min(1),
        /** Absent for AWS itself. */
        endpoint: z.url().optional(),
        region: z.string().min(1).default('us-east-1'),
        prefix: z
          .string()
          .regex(/^$|^[^/].*\/$/, "must be empty, or a folder such as 'ingot/'")
          .default(''),
        profile: z.string().min(1).optional(),
      }),
    ])
    .default({ kind: 'directory' })
    .describe(
      "Where the regions' vaults are: `directory`, under `vault/`; or `{kind: s3, bucket: …, endpoint: https://…, region: …, prefix: ingot/, profile: …}`, each region a folder in the bucket. Keys never stand here: they come from the AWS profile named, or from where AWS's own tools find them.",
    ),
  parallelBuilds: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('How many builds run at a time; the others wait.'),
  registries: z
    .array(
      z.strictObject({
        location: z.string().regex(/^(https?:\/\/|\/)/, 'must be an http(s) URL or an absolute path'),
        target: z.string().min(1).default('local'),
      }),
    )
    .default([])
    .describe(
      "Registries that others serve, asked for a template's image after this home's own: `[{location: https://…, target: aws}]`.",
    ),
  retention: z
    .strictObject({
      everyHours: z
        .number()
        .positive()
        .optional()
        .describe(
          'How often the server cleans up by itself. Without it, images go when somebody asks for it.',
        ),
      deprecateDays: z
        .int()
        .min(0)
        .max(365)
        .default(7)
        .describe('How long an image is deprecated before it goes, unless somebody needs it meanwhile.'),
      binDays: z
        .int()
        .min(0)
        .max(365)
        .default(7)
        .describe('How long `ingot ami restore` takes it back. 0 deletes at once.'),
      rules: z
        .record(z.string().min(1), retentionRules)
        .default({})
        .describe(
          "What stays, by template or app, before what the template itself says; `'*'` for those that say nothing: `{web: {keepLatest: 3, maxAgeDays: 90, unusedForDays: 30, budgetGiB: 50, budgetPerMonth: 5}}`.",
        ),
      fleets: z
        .array(
          z.strictObject({
            managedBy: z.string().min(1),
            versionKey: z.string().min(1),
            template: z.string().min(1),
          }),
        )
        .default([])
        .describe(
          'Images that others made, known by their tag `ManagedBy`, looked after as those of a template or app: `[{managedBy: KamiwazaDeploymentManager, versionKey: KamiwazaVersion, template: kamiwaza}]`.',
        ),
    })
    .prefault({}),
  rebuilds: z
    .array(
      z.strictObject({
        template: z.string().min(1),
        target: z.string().min(1).default('local'),
        onNewBase: z.boolean().default(true),
        everyDays: z.number().positive().optional(),
        promoteTo: z.string().min(1).default('stable'),
      }),
    )
    .refine(
      (all) => distinct(all.map(({ template, target }) => `${target} ${template}`)),
      'names a template twice',
    )
    .default([])
    .describe(
      'Templates that are built again by themselves, when their base image has a newer version and at an interval; a proven one is promoted: `[{template: web, target: local, onNewBase: true, everyDays: 30, promoteTo: stable}]`.',
    ),
  rebuildCheckHours: z
    .number()
    .positive()
    .default(1)
    .describe('How often the bases of `rebuilds` are looked at.'),
  notifications: z
    .array(receiver)
    .refine((all) => distinct(all.map(({ name }) => name)), 'names a receiver twice')
    .default([])
    .describe(
      'Who is told of what: `[{name: chat, url: https://…, events: [ready, failed, revoked, retired], templates: [web]}, {name: pager, command: [/usr/local/bin/page]}]`. A webhook is signed with the secret in `secrets/webhooks/<name>`; a command reads the notice from its standard input.',
    ),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('What `server.log` holds.'),
});

export type Settings = z.output<typeof settingsSchema>;

export interface Config extends Settings {
  /** Absolute. */
  readonly home: string;
}

/** What a command line may set over the file and the environment. */
export interface ConfigOverrides {
  readonly home?: string | undefined;
  readonly port?: number | undefined;
}

/** `$INGOT_HOME`, or `.ingot` in the user's home folder. */
export function homeFolder(env: Environment = environment()): string {
  return resolve(env.INGOT_HOME || join(homedir(), '.ingot'));
}

/** Throws `DocumentError` with every mistake in the file, or the variable that can't be used. */
export async function loadConfig(
  overrides: ConfigOverrides = {},
  env: Environment = environment(),
): Promise<Config> {
  const home = resolve(overrides.home ?? homeFolder(env));
  const file = join(home, 'config.yaml');
  const settings = readYaml((await readIfPresent(file)) ?? '', file, settingsSchema);
  if (settings.node.kind === 'remote' && settings.bus.kind !== 'nats') {
    throw new DocumentError(`${file}: node.kind: a remote node is reached over NATS; set bus.kind to nats`);
  }
  return { ...settings, home, port: overrides.port ?? portFrom(env) ?? settings.port };
}

function portFrom(env: Environment): number | undefined {
  const given = env.INGOT_PORT;
  if (given === undefined || given === '') return undefined;
  const parsed = port.safeParse(Number(given));
  if (!parsed.success)
    throw new DocumentError(`INGOT_PORT is '${given}'; it must be a number from 0 to 65535`);
  return parsed.data;
}
