import type { Selectable } from 'kysely';
import type { Access } from '../access/access.ts';
import type { AuditTable } from './table.ts';

export interface AuditQuestion {
  readonly by?: string | undefined;
  readonly action?: string | undefined;
  /** ISO times. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly failed?: boolean | undefined;
}

/** Newest first: at most `limit`, from before the entry `before`. */
export async function listAudit(
  { records }: Pick<Access, 'records'>,
  question: AuditQuestion,
  { limit, before }: { readonly limit: number; readonly before: number | undefined },
): Promise<readonly Selectable<AuditTable>[]> {
  const { by, action, since, until, failed } = question;
  let rows = records.read.selectFrom('audit').selectAll().orderBy('sequence', 'desc').limit(limit);
  if (before !== undefined) rows = rows.where('sequence', '<', before);
  if (by !== undefined) rows = rows.where('caller', '=', by);
  if (action !== undefined) rows = rows.where('action', '=', action);
  if (since !== undefined) rows = rows.where('at', '>=', since);
  if (until !== undefined) rows = rows.where('at', '<', until);
  if (failed) rows = rows.where((row) => row.or([row('status', '>=', 400), row('status', 'is', null)]));
  return await rows.execute();
}

/** What is older than `days` goes. */
export async function pruneAudit(
  { records, now }: Pick<Access, 'records' | 'now'>,
  days: number,
): Promise<void> {
  const before = new Date(now().getTime() - days * 24 * 3600_000).toISOString();
  await records.write((db) => db.deleteFrom('audit').where('at', '<', before).execute());
}
