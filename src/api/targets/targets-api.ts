import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { partitionOf } from '../../factory/targets/aws-endpoints.ts';
import { checkTarget } from '../../factory/targets/check-target.ts';
import { featureNames } from '../../factory/targets/features.ts';
import { leastPolicy } from '../../factory/targets/policy.ts';
import { targetSettingsSchema } from '../../factory/targets/settings.ts';
import type { TargetSummary } from '../../factory/targets/target.ts';
import { allowed, json, refusals, room } from '../room.ts';

const targetSchema = z
  .object({
    name: z.string(),
    kind: z.enum(['local', 'aws', 'endpoint']),
    endpoint: z.string(),
    login: z.string().describe('Whose keys, in words'),
    regions: z.array(z.string()),
    builder: z.object({
      instance_type: z.object({ x86_64: z.string(), arm64: z.string() }),
      subnet_id: z.string().nullable(),
      security_group_id: z.string().nullable(),
      key_pair: z.string().nullable(),
      address: z.enum(['public', 'private']),
      ssh_source: z.string(),
    }),
  })
  .openapi('Target');

const feature = z.enum(featureNames);
const params = z.object({ name: z.string() });
const targetsBody = z.object({
  targets: z.array(targetSchema),
  mistakes: z
    .array(z.object({ name: z.string(), message: z.string() }))
    .describe('Entries of targets.yaml that are refused until they are mended'),
});

const listRoute = createRoute({
  method: 'get',
  path: '/targets',
  operationId: 'listTargets',
  summary: 'List targets',
  responses: { 200: json(targetsBody, 'The targets'), ...refusals },
});

const putRoute = createRoute({
  method: 'put',
  path: '/targets/{name}',
  operationId: 'putTarget',
  ...allowed('admin'),
  summary: 'Add a target, or put it in the place of another',
  request: {
    params,
    query: z.object({ replace: z.enum(['true', 'false']).optional() }),
    body: { ...json(targetSettingsSchema, 'As in targets.yaml'), required: true },
  },
  responses: { 200: json(targetSchema, 'The target'), ...refusals },
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/targets/{name}',
  operationId: 'removeTarget',
  ...allowed('admin'),
  summary: 'Remove a target; what was built there stays',
  request: { params },
  responses: { 200: json(targetsBody, 'Those that are left'), ...refusals },
});

const checkRoute = createRoute({
  method: 'post',
  path: '/targets/{name}/check',
  operationId: 'checkTarget',
  summary: 'Ask the target what its login may do; nothing is changed there',
  request: {
    params,
    body: {
      ...json(
        z.strictObject({
          region: z.string().optional(),
          features: z.array(feature).min(1).default(['build', 'copy', 'cleanup']),
        }),
        'What to ask about',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({
        region: z.string(),
        checks: z.array(
          z.object({
            name: z.string(),
            status: z.enum(['passed', 'failed', 'unknown']),
            message: z.string(),
          }),
        ),
      }),
      'What was found',
    ),
    ...refusals,
  },
});

const policySchema = z
  .object({
    Version: z.literal('2012-10-17'),
    Statement: z.array(
      z.object({
        Sid: z.string(),
        Effect: z.literal('Allow'),
        Action: z.array(z.string()),
        Resource: z.array(z.string()),
      }),
    ),
  })
  .openapi('Policy');

const policyRoute = createRoute({
  method: 'get',
  path: '/policy',
  operationId: 'getPolicy',
  summary: 'The least IAM policy for features',
  request: {
    query: z.object({
      features: z
        .string()
        .transform((text) => text.split(','))
        .pipe(z.array(feature))
        .optional()
        .describe(`Of ${featureNames.join(', ')}; all unless told`),
      account_id: z
        .string()
        .regex(/^\d{12}$/, 'must be 12 digits')
        .optional(),
      region: z.string().default('us-east-1').describe('Of which partition'),
    }),
  },
  responses: { 200: json(policySchema, 'The policy'), ...refusals },
});

export function targetsApi({ targets }: Pick<Factory, 'targets'>) {
  const all = async () => {
    const { targets: known, mistakes } = await targets.describe();
    return { targets: known.map(toTargetBody), mistakes: [...mistakes] };
  };
  return room()
    .openapi(listRoute, async (c) => c.json(await all(), 200))
    .openapi(putRoute, async (c) => {
      const { name } = c.req.valid('param');
      const replace = c.req.valid('query').replace === 'true';
      await targets.add(name, c.req.valid('json'), { replace });
      const made = (await targets.describe()).targets.find((each) => each.name === name);
      if (made === undefined) throw new Error(`The target ${name} was written and can't be read`);
      return c.json(toTargetBody(made), 200);
    })
    .openapi(removeRoute, async (c) => {
      await targets.remove(c.req.valid('param').name);
      return c.json(await all(), 200);
    })
    .openapi(checkRoute, async (c) => {
      const target = await targets.get(c.req.valid('param').name);
      const { region = target.regions[0] ?? '', features: wanted } = c.req.valid('json');
      return c.json({ region, checks: [...(await checkTarget(target, { region, wanted }))] }, 200);
    })
    .openapi(policyRoute, async (c) => {
      const { features: wanted = featureNames, account_id: accountId = '*', region } = c.req.valid('query');
      const { Version, Statement } = leastPolicy(wanted, { partition: await partitionOf(region), accountId });
      const statements = Statement.map(({ Action, Resource, ...each }) => ({
        ...each,
        Action: [...Action],
        Resource: [...Resource],
      }));
      return c.json({ Version, Statement: statements }, 200);
    });
}

function toTargetBody({ builder, ...target }: TargetSummary): z.output<typeof targetSchema> {
  return {
    ...target,
    regions: [...target.regions],
    builder: {
      instance_type: { ...builder.instanceType },
      subnet_id: builder.subnetId ?? null,
      security_group_id: builder.securityGroupId ?? null,
      key_pair: builder.keyPair?.name ?? null,
      address: builder.address,
      ssh_source: builder.sshSource,
    },
  };
}
