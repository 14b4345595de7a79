/** Revoking versions, and taking it back. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { parseReference } from '../../factory/registry/reference.ts';
import { type Impact, revocationImpact, revoke } from '../../factory/registry/revoke.ts';
import { unrevoke } from '../../factory/registry/unrevoke.ts';
import { json, orNull, refusals, room } from '../room.ts';
import { moveBodies } from './move-bodies.ts';
import {
  actor,
  architecture,
  imageOutcomeSchema,
  moveSchema,
  places,
  reference,
  toOutcomeBody,
  toVersionBody,
  versionSchema,
} from './schemas.ts';

const impactSchema = z
  .object({
    versions: z.array(versionSchema),
    descendants: z.array(versionSchema).describe('Made from those, and not revoked with them'),
    channels: z.array(
      z.object({
        channel: z.string(),
        template: z.string(),
        region: z.string(),
        architecture,
        ami_id: z.string(),
        to: orNull(versionSchema).describe('Where the channel goes; it ends where there is nothing'),
      }),
    ),
    machines: z.array(
      z.object({
        instance_id: z.string(),
        name: z.string().nullable(),
        region: z.string(),
        ami_id: z.string(),
        state: z.string(),
        launched_at: z.string().nullable(),
      }),
    ),
    unanswered: z
      .array(z.object({ target: z.string(), region: z.string(), reason: z.string() }))
      .describe('Regions that did not answer: what runs there is unknown'),
  })
  .openapi('RevocationImpact');

const revokeRoute = createRoute({
  method: 'post',
  path: '/registry/revoke',
  operationId: 'revokeVersion',
  summary: 'Revoke a version: mark it, move channels off it, disable its images',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            reference,
            descendants: z.boolean().default(false).describe('Also what was made from it, and from that'),
            dry_run: z.boolean().default(false).describe('Only tell what it would touch'),
            ...places,
            ...actor,
          })
          .openapi('Revocation'),
        'What to revoke',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({ impact: impactSchema, moves: z.array(moveSchema), images: z.array(imageOutcomeSchema) }),
      'What it touched',
    ),
    ...refusals,
  },
});

const unrevokeRoute = createRoute({
  method: 'post',
  path: '/registry/unrevoke',
  operationId: 'unrevokeVersion',
  summary: 'Take a revocation back; channels stay where they went',
  request: {
    body: {
      ...json(
        z.strictObject({ reference, ...places, ...actor }).openapi('Unrevocation'),
        'What to take back',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({ versions: z.array(versionSchema), images: z.array(imageOutcomeSchema) }),
      'The versions that count again',
    ),
    ...refusals,
  },
});

export function revocationsApi(factory: Factory) {
  return room()
    .openapi(revokeRoute, async (c) => {
      const { dry_run: dryRun, ...body } = c.req.valid('json');
      const revoking = { ...body, reference: parseReference(body.reference) };
      if (dryRun) {
        const impact = await revocationImpact(factory, revoking);
        return c.json({ impact: toImpactBody(impact), moves: [], images: [] }, 200);
      }
      const { moves, images, ...impact } = await revoke(factory, revoking);
      return c.json(
        {
          impact: toImpactBody(impact),
          moves: await moveBodies(factory, moves),
          images: images.map(toOutcomeBody),
        },
        200,
      );
    })
    .openapi(unrevokeRoute, async (c) => {
      const body = c.req.valid('json');
      const { versions, images } = await unrevoke(factory, {
        ...body,
        reference: parseReference(body.reference),
      });
      return c.json({ versions: versions.map(toVersionBody), images: images.map(toOutcomeBody) }, 200);
    });
}

function toImpactBody(impact: Impact): z.output<typeof impactSchema> {
  return {
    versions: impact.versions.map(toVersionBody),
    descendants: impact.descendants.map(toVersionBody),
    channels: impact.channels.map(({ channel, template, region, architecture, imageId, to }) => ({
      channel,
      template,
      region,
      architecture,
      ami_id: imageId,
      to: to === undefined ? null : toVersionBody(to),
    })),
    machines: impact.machines.map((machine) => ({
      instance_id: machine.instanceId,
      name: machine.name ?? null,
      region: machine.region,
      ami_id: machine.imageId,
      state: machine.state,
      launched_at: machine.launchedAt ?? null,
    })),
    unanswered: [...impact.unanswered],
  };
}
