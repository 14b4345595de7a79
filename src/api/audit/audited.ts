/** Writes down who did what: before it is done, and what came of it. Refusals too. */
import type { Context, MiddlewareHandler } from 'hono';
import type { Access } from '../access/access.ts';
import { namedIds, plainFields } from './told-fields.ts';

export interface AuditRules {
  isAudited(c: Context): boolean;
  /** What is done, in a word that stays. */
  actionOf(c: Context): string;
}

export function audited({ records, now }: Access, rules: AuditRules): MiddlewareHandler {
  return async (c, next) => {
    if (!rules.isAudited(c)) return await next();
    const begun = now();
    const { name, role } = c.get('caller');
    const { pathname, search } = new URL(c.req.url);
    const entry = {
      at: begun.toISOString(),
      request_id: c.get('requestId'),
      caller: name,
      role,
      action: rules.actionOf(c),
      method: c.req.method,
      path: `${pathname}${search}`.slice(0, 2000),
      asked: JSON.stringify(plainFields(await bodyOf(c))),
    };
    const { sequence } = await records.write((db) =>
      db.insertInto('audit').values(entry).returning('sequence').executeTakeFirstOrThrow(),
    );
    await next();
    const outcome = {
      status: c.res.status,
      duration_ms: now().getTime() - begun.getTime(),
      made: await made(c.res),
    };
    await records.write((db) =>
      db.updateTable('audit').set(outcome).where('sequence', '=', sequence).execute(),
    );
    return undefined;
  };
}

/** What is no JSON is refused further in. */
async function bodyOf(c: Context): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text());
  } catch {
    return undefined;
  }
}

async function made(response: Response): Promise<string | null> {
  if (!response.ok || response.headers.get('content-type') !== 'application/json') return null;
  const ids = namedIds(await response.clone().json());
  return Object.keys(ids).length === 0 ? null : JSON.stringify(ids);
}
