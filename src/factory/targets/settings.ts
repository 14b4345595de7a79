/** An entry of `targets.yaml`: everything that a target is, but for what the built-in one gets from its server. */
import { z } from 'zod';

const regionName = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region, such as us-east-1');

/** Also a name in commands and tags. */
export const targetName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'must be 1 to 31 lower-case letters, digits and dashes');

const absolutePath = z.string().regex(/^\//, 'must be an absolute path');

const builder = z
  .strictObject({
    instance_type: z
      .strictObject({ x86_64: z.string().optional(), arm64: z.string().optional() })
      .optional()
      .describe('By architecture.'),
    subnet_id: z
      .string()
      .regex(/^subnet-[0-9a-f]+$/, 'must be a subnet id')
      .optional()
      .describe("The default VPC's unless told."),
    security_group_id: z
      .string()
      .regex(/^sg-[0-9a-f]+$/, 'must be a security group id')
      .optional()
      .describe('Must let this machine reach port 22. One is made for each build unless told.'),
    key_pair: z
      .strictObject({ name: z.string().min(1), private_key_file: absolutePath })
      .optional()
      .describe('One is made for each build unless told.'),
    address: z.enum(['public', 'private']).optional().describe('Where SSH goes; `public` unless told.'),
    ssh_source: z
      .string()
      .regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'must be a range, such as 203.0.113.7/32')
      .optional()
      .describe('Who may reach port 22 of the group made for a build; `0.0.0.0/0` unless told.'),
  })
  .optional();

const keys = z
  .strictObject({
    access_key_id: z.string().min(1),
    secret_access_key: z.string().min(1),
    session_token: z.string().min(1).optional(),
  })
  .describe('Long-lived keys. The file is readable by its owner alone.');

const role = z
  .strictObject({
    arn: z.string().regex(/^arn:[\w-]+:iam::\d{12}:role\/.+$/, "must be a role's ARN"),
    external_id: z.string().min(2).max(1224).optional(),
    session_name: z
      .string()
      .regex(/^[\w+=,.@-]{2,64}$/, 'must be 2 to 64 letters, digits and +=,.@-_')
      .optional()
      .describe('`ingot` unless told.'),
    duration_seconds: z.int().min(900).max(43_200).optional().describe('3600 unless told; renewed when due.'),
  })
  .describe('Taken on with the credentials found otherwise.');

const profile = z.string().min(1).describe('Of the AWS configuration files: keys, SSO, roles, a process.');
const regions = z.array(regionName).min(1);

export const targetSettingsSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('local').describe('The built-in cloud; only its builders can be set.'),
    builder,
  }),
  z.strictObject({
    kind: z.literal('aws').describe('AWS, with the credentials that its SDK finds unless told.'),
    profile: profile.optional(),
    keys: keys.optional(),
    role: role.optional(),
    regions: regions.optional().describe("The SDK's configured region unless told, else us-east-1."),
    builder,
  }),
  z
    .strictObject({
      kind: z.literal('endpoint').describe('Any other EC2.'),
      url: z.url({ protocol: /^https?$/, error: 'must begin with http:// or https://' }),
      sts_url: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('The same as `url` unless told.'),
      profile: profile.optional(),
      keys: keys.optional(),
      regions: regions.optional().describe('`us-east-1` unless told.'),
      builder,
    })
    .refine(({ profile, keys }) => profile !== undefined || keys !== undefined, {
      error: 'needs `keys` or a `profile`: what the SDK finds is for AWS',
    }),
]);

export type TargetSettings = z.output<typeof targetSettingsSchema>;
export type AwsSettings = Extract<TargetSettings, { kind: 'aws' }>;
export type EndpointSettings = Extract<TargetSettings, { kind: 'endpoint' }>;

export const targetsFileSchema = z.strictObject({
  targets: z.record(targetName, targetSettingsSchema).optional(),
});

/** Of a file in which an entry may be wrong. */
export const targetsOutlineSchema = z.strictObject({
  targets: z.record(z.string(), z.unknown()).optional(),
});
