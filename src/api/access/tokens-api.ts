/** Tokens of people and programs, each with a role. */
import { createRoute, z } from '@hono/zod-openapi';
import { durationMs } from '../../factory/templates/duration.ts';
import { nextPage, openPage, pageQuery } from '../page.ts';
import { allowed, json, refusals, room } from '../room.ts';
import type { Access } from './access.ts';
import { roles } from './roles.ts';
import { addToken, listTokens, removeToken, type Token } from './tokens.ts';

const tokenSchema = z
  .object({
    name: z.string(),
    role: z.enum(roles),
    created_at: z.string(),
    created_by: z.string().describe('The token that made it'),
    expires_at: z.string().nullable(),
    used_at: z.string().nullable().describe('To the minute'),
  })
  .openapi('Token');

const longestMs = 3650 * 24 * 3600_000;

const addSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'must be 1 to 63 of a-z, 0-9, ., _ and -'),
    role: z.enum(roles),
    expires_in: z
      .string()
      .refine((text) => {
        const ms = durationMs(text) ?? 0;
        return ms > 0 && ms <= longestMs;
      }, "must be a time such as '12h' or '90d', at most 3650d")
      .optional()
      .describe('Never unless told'),
  })
  .openapi('NewToken');

const addRoute = createRoute({
  method: 'post',
  path: '/tokens',
  operationId: 'addToken',
  ...allowed('admin'),
  summary: 'Make a token; its secret is shown this once',
  request: { body: { ...json(addSchema, 'Whose, and what it may do'), required: true } },
  responses: {
    201: json(tokenSchema.extend({ secret: z.string() }).openapi('AddedToken'), 'The token'),
    ...refusals,
  },
});

const listRoute = createRoute({
  method: 'get',
  path: '/tokens',
  operationId: 'listTokens',
  ...allowed('admin'),
  summary: 'List tokens by name; that of the home is not among them',
  request: { query: z.object(pageQuery) },
  responses: {
    200: json(z.object({ tokens: z.array(tokenSchema), ...nextPage }), 'The tokens'),
    ...refusals,
  },
});

const removeRoute = createRoute({
  method: 'delete',
  path: '/tokens/{name}',
  operationId: 'removeToken',
  ...allowed('admin'),
  summary: 'Remove a token: it opens nothing from now on',
  request: { params: z.object({ name: z.string() }) },
  responses: { 200: json(z.object({ name: z.string() }), 'It is gone'), ...refusals },
});

export function tokensApi(access: Access) {
  return room()
    .openapi(addRoute, async (c) => {
      const { name, role, expires_in: lifetime } = c.req.valid('json');
      const lifetimeMs = lifetime === undefined ? undefined : durationMs(lifetime);
      const by = c.get('caller').name;
      const { token, secret } = await addToken(access, { name, role, lifetimeMs, by });
      return c.json({ ...toBody(token), secret }, 201, { 'cache-control': 'no-store' });
    })
    .openapi(listRoute, async (c) => {
      const page = openPage('listTokens', c.req.valid('query'));
      const { rows, next_page_token } = page.of(await listTokens(access), ({ name }) => [name]);
      return c.json({ tokens: rows.map(toBody), next_page_token }, 200);
    })
    .openapi(removeRoute, async (c) => {
      const { name } = c.req.valid('param');
      await removeToken(access, name);
      return c.json({ name }, 200);
    });
}

function toBody(token: Token): z.output<typeof tokenSchema> {
  return {
    name: token.name,
    role: token.role,
    created_at: token.createdAt,
    created_by: token.createdBy,
    expires_at: token.expiresAt ?? null,
    used_at: token.usedAt ?? null,
  };
}
