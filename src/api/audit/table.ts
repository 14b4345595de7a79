import type { Generated, Kysely } from 'kysely';
import type { Role } from '../access/roles.ts';

/** Who did what, in order. A row is written before the work begins; what came of it, after. */
export interface AuditTable {
  sequence: Generated<number>;
  at: string;
  request_id: string;
  caller: string;
  role: Role;
  /** The operation's id, or the method and path at the admin door. */
  action: string;
  method: string;
  path: string;
  /** JSON: the plain fields of the body. */
  asked: string;
  /** JSON: the ids in the answer. */
  made: string | null;
  /** None where the server ended before it answered. */
  status: number | null;
  duration_ms: number | null;
}

/** The rows of this folder in the API's schema. */
export interface AuditTables {
  audit: AuditTable;
}

export async function createAuditTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('sequence', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('request_id', 'text', (c) => c.notNull())
    .addColumn('caller', 'text', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('method', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('asked', 'text', (c) => c.notNull())
    .addColumn('made', 'text')
    .addColumn('status', 'integer')
    .addColumn('duration_ms', 'integer')
    .execute();
  await db.schema.createIndex('audit_at').on('audit').column('at').execute();
  await db.schema.createIndex('audit_caller').on('audit').columns(['caller', 'sequence']).execute();
}
