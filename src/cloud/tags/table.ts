import { type Generated, type Kysely, sql } from 'kysely';
import type { AccountId } from '../../platform/ids.ts';

/** Tags belong to the resource's owner; EC2's resource type word stands with each. */
export interface TagTable {
  /** 'ami-0123… Name': what pages of tags are ordered by; made by the database. */
  tag_id: Generated<string>;
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
    .addColumn('tag_id', 'text', (c) =>
      c.generatedAlwaysAs(sql`resource_id || ' ' || key`).notNull().stored(),
    )
    .addPrimaryKeyConstraint('tags_key', ['resource_id', 'key'])
    .execute();
  await db.schema.createIndex('tags_owner').on('tags').columns(['region', 'owner_id', 'tag_id']).execute();
  await db.schema.createIndex('tags_value').on('tags').columns(['key', 'value', 'resource_id']).execute();
}
