import type { Kysely } from 'kysely';
import type { AccountId } from '../../platform/ids.ts';

/** Tags belong to the resource's owner; EC2's resource type word stands with each. */
export interface TagTable {
  resource_id: string;
  resource_type: string;
  region: string;
  owner_id: AccountId;
  key: string;
  value: string;
}

export async function createTagTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tags')
    .addColumn('resource_id', 'text', (c) => c.notNull())
    .addColumn('resource_type', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('key', 'text', (c) => c.notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('tags_key', ['resource_id', 'key'])
    .execute();
  await db.schema.createIndex('tags_value').on('tags').columns(['key', 'value', 'resource_id']).execute();
}
