/** The audit log: who did what. */
import { createRoute, z } from '@hono/zod-openapi';
import type { Selectable } from 'kysely';
import { durationMs } from '../../factory/templates/duration.ts';
import type { Access } from '../access/access.ts';
import { roles } from '../access/roles.ts';
import { nextPage, openPage, pageQuery } from '../page.ts';
import { allowed, json, refusals, room } from '../room.ts';
import { listAudit } from './list-audit.ts';
import type { AuditTable } from './table.ts';

const time = z
  .union([z.iso.datetime({ offset: true }), z.string().refine((text) => durationMs(text) !== undefined)], {
    error: "must be an ISO time, or how long ago, such as '2h'",
  })
  .describe('An ISO time, or how long ago, such as `2h`');

const entrySchema = z
  .object({
    sequence: z.int(),
    at: z.string(),
    by: z.string().describe('The name of the token; `home` for that of the home'),
    role: z.enum(roles).describe('Its role then'),
    action: z.string().describe("The operation's id, or the method and path at the admin door"),
    method: z.string(),
    path: z.string(),
    asked: z
      .record(z.string(), z.unknown())
      .describe('The plain fields of the body; nothing that could be a secret'),
    made: z.record(z.string(), z.string()).nullable().describe('The ids in the answer'),
    status: z.int().nullable().describe('None where the server ended before it answered, or is still at it'),
    duration_ms: z.int().nullable(),
    request_id: z.string(),
  })
  .openapi('AuditEntry');

const listRoute = createRoute({
  method: 'get',
  path: '/audit',
  operationId: 'listAudit',
  ...allowed('admin'),
  summary: 'Who did what, newest first: everything but looking',
  request: {
    query: z.object({
      by: z.string().optional().describe('The name of a token'),
      action: z.string().optional(),
      since: time.optional(),
      until: time.optional(),
      failed: z
        .enum(['true', 'false'])
        .transform((text) => text === 'true')
        .optional()
        .describe('Only what was refused or failed'),
      ...pageQuery,
    }),
  },
  responses: {
    200: json(z.object({ entries: z.array(entrySchema), ...nextPage }), 'The entries'),
    ...refusals,
  },
});

export function auditApi(access: Access) {
  return room().openapi(listRoute, async (c) => {
    const query = c.req.valid('query');
    const page = openPage('listAudit', query);
    const question = { ...query, since: toTime(query.since, access), until: toTime(query.until, access) };
    const before = page.after === undefined ? undefined : Number(page.after[0]);
    const found = await listAudit(access, question, { limit: page.limit + 1, before });
    const { rows, next_page_token } = page.end(found, ({ sequence }) => [sequence]);
    return c.json({ entries: rows.map(toBody), next_page_token }, 200);
  });
}

function toTime(text: string | undefined, { now }: Pick<Access, 'now'>): string | undefined {
  if (text === undefined) return undefined;
  const ago = durationMs(text);
  return (ago === undefined ? new Date(text) : new Date(Math.max(0, now().getTime() - ago))).toISOString();
}

function toBody({ caller, asked, made, ...row }: Selectable<AuditTable>): z.output<typeof entrySchema> {
  return { ...row, by: caller, asked: JSON.parse(asked), made: made === null ? null : JSON.parse(made) };
}
