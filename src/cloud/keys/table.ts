import type { Kysely } from 'kysely';
import type { AccountId } from '../../platform/ids.ts';

export interface KeyPairTable {
  key_pair_id: string;
  region: string;
  owner_id: AccountId;
  key_name: string;
  key_type: 'rsa' | 'ed25519';
  /** As EC2 computes it: it differs for created and imported RSA keys. */
  fingerprint: string;
  /** One OpenSSH line. The private half is never kept. */
  public_key: string;
  created_at: string;
}

export async function createKeyTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('key_pairs')
    .addColumn('key_pair_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('key_name', 'text', (c) => c.notNull())
    .addColumn('key_type', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addUniqueConstraint('key_pairs_name', ['region', 'owner_id', 'key_name'])
    .execute();
}
