/** Channels: promoting, rolling back, their history. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Factory } from '../../factory/factory.ts';
import { promote } from '../../factory/registry/promote.ts';
import { parseReference } from '../../factory/registry/reference.ts';
import { rollBack } from '../../factory/registry/roll-back.ts';
import { channelMoves } from '../../factory/registry/set-channel.ts';
import { nextPage, openPage, pageQuery } from '../page.ts';
import { json, refusals, room } from '../room.ts';
import { moveBodies } from './move-bodies.ts';
import { actor, moveSchema, places, reference, toVersionBody, versionSchema } from './schemas.ts';

const promoteRoute = createRoute({
  method: 'post',
  path: '/registry/promote',
  operationId: 'promoteVersion',
  summary: 'Point a channel to a version, everywhere it is; refused for one without proof',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            reference,
            channel: z.string().default('stable'),
            force: z.boolean().default(false).describe('Take an unproven version too; the history says so'),
            ...places,
            ...actor,
          })
          .openapi('Promotion'),
        'What to promote',
      ),
      required: true,
    },
  },
  responses: {
    200: json(
      z.object({ versions: z.array(versionSchema), moves: z.array(moveSchema) }),
      'The versions that the channel points to, and the moves that it took',
    ),
    ...refusals,
  },
});

const rollBackRoute = createRoute({
  method: 'post',
  path: '/registry/rollback',
  operationId: 'rollBackChannel',
  summary: 'Point a channel to what it pointed to before',
  request: {
    body: {
      ...json(
        z
          .strictObject({
            template: z.string(),
            channel: z.string().default('stable'),
            to: z
              .string()
              .optional()
              .describe('A version that it pointed to once; the one before unless told'),
            ...places,
            ...actor,
          })
          .openapi('Rollback'),
        'What to roll back',
      ),
      required: true,
    },
  },
  responses: { 200: json(z.object({ moves: z.array(moveSchema) }), 'The moves'), ...refusals },
});

const historyRoute = createRoute({
  method: 'get',
  path: '/registry/channel-history',
  operationId: 'listChannelMoves',
  summary: 'List the moves of channels, newest first',
  request: {
    query: z.object({
      template: z.string().optional(),
      channel: z.string().optional(),
      ...places,
      ...pageQuery,
    }),
  },
  responses: {
    200: json(z.object({ moves: z.array(moveSchema), ...nextPage }), 'The moves'),
    ...refusals,
  },
});

export function channelsApi(factory: Factory) {
  return room()
    .openapi(promoteRoute, async (c) => {
      const body = c.req.valid('json');
      const { versions, moves } = await promote(factory.db, {
        ...body,
        reference: parseReference(body.reference),
        at: factory.now(),
      });
      return c.json({ versions: versions.map(toVersionBody), moves: await moveBodies(factory, moves) }, 200);
    })
    .openapi(rollBackRoute, async (c) => {
      const moves = await rollBack(factory.db, { ...c.req.valid('json'), at: factory.now() });
      return c.json({ moves: await moveBodies(factory, moves) }, 200);
    })
    .openapi(historyRoute, async (c) => {
      const { limit, page_token, ...filter } = c.req.valid('query');
      const page = openPage('listChannelMoves', { limit, page_token, ...filter });
      const moves = await channelMoves(factory.db.read, filter);
      // None is ever removed, so a move's place among all stays.
      const placed = moves.map((move, place) => ({ move, place })).reverse();
      const { rows, next_page_token } = page.of(placed, ({ place }) => [place], 'descending');
      const shown = rows.map(({ move }) => move);
      return c.json({ moves: await moveBodies(factory, shown), next_page_token }, 200);
    });
}
