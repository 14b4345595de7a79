import type { Kysely } from 'kysely';
import type { Architecture } from '../../platform/ids.ts';

/** A version whose image was deleted: its name is free again, and what it was stays known. */
export interface RetiredVersionTable {
  target: string;
  image_id: string;
  template: string;
  version: string;
  region: string;
  architecture: Architecture;
  created_at: string;
  retired_at: string;
  why: string;
}

export interface RetentionTables {
  retired_versions: RetiredVersionTable;
}

export async function createRetentionTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('retired_versions')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addColumn('template', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('retired_at', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('retired_versions_key', ['target', 'image_id'])
    .execute();
}
