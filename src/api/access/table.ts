import type { Kysely } from 'kysely';
import type { Role } from './roles.ts';

export interface TokenTable {
  name: string;
  role: Role;
  /** SHA-256, hex: the token itself is nowhere. */
  digest: string;
  created_at: string;
  created_by: string;
  expires_at: string | null;
  /** To the minute. */
  used_at: string | null;
}

/** The rows of this folder in the API's schema. */
export interface TokenTables {
  tokens: TokenTable;
}

export async function createTokenTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tokens')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull().unique())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('used_at', 'text')
    .execute();
}
