/** What the API keeps for itself, in `api.db` of a home: tokens, the audit log, and answers to keys. */
import { join } from 'node:path';
import type { Migration } from 'kysely';
import { type Database, openDatabase } from '../platform/database/database.ts';
import { createTokenTables, type TokenTables } from './access/table.ts';
import { pruneAudit } from './audit/list-audit.ts';
import { type AuditTables, createAuditTables } from './audit/table.ts';
import { markLost } from './idempotency/answers.ts';
import { type AnswerTables, createAnswerTables } from './idempotency/table.ts';

export interface ApiSchema extends TokenTables, AuditTables, AnswerTables {}

/** A change of a table is a new migration; one that has shipped is never edited. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-api': {
    async up(db) {
      await createTokenTables(db);
      await createAuditTables(db);
      await createAnswerTables(db);
    },
  },
};

const auditDays = 400;

/** `home`: one process at a time has it open. */
export async function openRecords(home: string, now: () => Date): Promise<Database<ApiSchema>> {
  const records = await openDatabase<ApiSchema>(join(home, 'api.db'), migrations);
  await markLost({ records });
  await pruneAudit({ records, now }, auditDays);
  return records;
}
