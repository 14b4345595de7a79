/** Launching machines, and what templates are used for. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { launchMachine } from '../../factory/launches/launch-machine.ts';
import { templateUsage } from '../../factory/launches/usage.ts';
import { forCaller } from '../caller-keys.ts';
import { json, refusals, room } from '../room.ts';
import { machine, previewSchema, question, toPreview } from './launch-schemas.ts';
import { regionOf } from './resolve-api.ts';

const userDataBytes = 16 * 1024;

const launchRoute = createRoute({
  method: 'post',
  path: '/launches',
  operationId: 'launchMachine',
  summary: 'Launch a machine from a template, an image or a base image',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            ...question,
            ...machine,
            machine_name: z.string().min(1).max(255).describe('Its tag Name'),
            disk_gb: z.int().min(1).max(16_384).optional().describe('Of the root'),
            ports: z
              .array(z.int().min(1).max(65_535))
              .max(50)
              .default([])
              .describe('Beside 22 and the template’s'),
            source: z
              .string()
              .regex(/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, 'must be a range, such as 203.0.113.7/32')
              .default('0.0.0.0/0')
              .describe('Who reaches the ports'),
            user_data: z
              .base64()
              .refine((text) => Buffer.from(text, 'base64').length <= userDataBytes, 'must be 16 KiB at most')
              .optional()
              .describe('Of its first boot; the template’s unless told'),
            public_key: z.string().max(8192).optional().describe('Whose private half gets in by SSH'),
            tags: z.record(z.string().max(128), z.string().max(256)).default({}),
          })
          .openapi('Launch'),
        'What to launch',
      ),
      required: true,
    },
  },
  responses: {
    201: json(
      previewSchema.extend({ instance_id: z.string(), machine_name: z.string() }).openapi('Launched'),
      'It starts',
    ),
    ...refusals,
  },
});

const usageSchema = z
  .object({
    template: z.string(),
    launches: z.number(),
    last_launch_at: z.string().nullable(),
    machines: z
      .array(
        z.object({
          instance_id: z.string(),
          name: z.string().nullable(),
          region: z.string(),
          state: z.string(),
        }),
      )
      .describe('Now; those that were launched by other means too'),
    versions: z.array(z.object({ version: z.string(), launches: z.number(), last_launch_at: z.string() })),
  })
  .openapi('TemplateUsage');

const usageRoute = createRoute({
  method: 'get',
  path: '/launches/usage',
  operationId: 'templateUsage',
  summary: 'Say how often each template was launched, when last, and what runs now',
  request: { query: z.object({ target: z.string().default('local'), template: z.string().optional() }) },
  responses: {
    200: json(
      z.object({
        templates: z.array(usageSchema),
        unanswered: z
          .array(z.object({ region: z.string(), reason: z.string() }))
          .describe('Regions whose machines are unknown now'),
      }),
      'By template',
    ),
    ...refusals,
  },
});

export function launchesApi(factory: Factory) {
  return room()
    .openapi(launchRoute, async (c) => {
      const own = forCaller(factory, c);
      const body = c.req.valid('json');
      const { instanceId, plan } = await launchMachine(own, {
        ...{ name: body.name, target: body.target, region: await regionOf(own, body.target, body.region) },
        ...{ architecture: body.architecture, version: body.version, from: body.from, size: body.size },
        ...{ machineName: body.machine_name, diskGiB: body.disk_gb, ports: body.ports, source: body.source },
        userData: body.user_data === undefined ? undefined : Buffer.from(body.user_data, 'base64'),
        publicKey: body.public_key,
        tags: body.tags,
        by: 'launch',
      });
      return c.json({ ...toPreview(plan), instance_id: instanceId, machine_name: body.machine_name }, 201);
    })
    .openapi(usageRoute, async (c) => {
      const { templates, unanswered } = await templateUsage(factory, c.req.valid('query'));
      const rows = templates.map(({ template, launches, lastLaunchAt, machines, versions }) => ({
        template,
        launches,
        last_launch_at: lastLaunchAt ?? null,
        machines: machines.map(({ instanceId, name, region, state }) => ({
          ...{ instance_id: instanceId, name: name ?? null, region, state },
        })),
        versions: versions.map((each) => ({
          ...{ version: each.version, launches: each.launches, last_launch_at: each.lastLaunchAt },
        })),
      }));
      return c.json(
        { templates: rows, unanswered: unanswered.map(({ region, reason }) => ({ region, reason })) },
        200,
      );
    });
}
