import type { Kysely } from 'kysely';
import type { AccountId } from '../../platform/ids.ts';

export interface AccountTable {
  account_id: AccountId;
  name: string;
  created_at: string;
}

export interface AccessKeyTable {
  access_key_id: string;
  secret_access_key: string;
  account_id: AccountId;
  user_name: string;
  created_at: string;
}

/** What an account has chosen for a region: 'image-block-public-access' → 'block-new-sharing'. */
export interface AccountSettingTable {
  account_id: AccountId;
  region: string;
  name: string;
  value: string;
}

/** A request that carried a ClientToken: what it asked, and what it made. */
export interface ClientTokenTable {
  account_id: AccountId;
  region: string;
  action: string;
  token: string;
  /** SHA-256 of the parameters. */
  parameters: string;
  /** The id (or ids, JSON) that the first request answered with. */
  result: string;
  created_at: string;
}

export async function createAccountTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('account_id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('access_keys')
    .addColumn('access_key_id', 'text', (c) => c.primaryKey())
    .addColumn('secret_access_key', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('user_name', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('account_settings')
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('account_settings_key', ['account_id', 'region', 'name'])
    .execute();
  await db.schema
    .createTable('client_tokens')
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('token', 'text', (c) => c.notNull())
    .addColumn('parameters', 'text', (c) => c.notNull())
    .addColumn('result', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('client_tokens_key', ['account_id', 'region', 'action', 'token'])
    .execute();
}
