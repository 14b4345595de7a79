import type { Kysely } from 'kysely';
import type { Architecture } from '../../platform/ids.ts';

/** A build's state, input and steps are its workflow run's, which has the same id. */
export interface BuildTable {
  id: string;
  /** Builds that were asked for together. */
  batch_id: string | null;
  target: string;
  template: string;
  version: string;
  region: string;
  architecture: Architecture;
  template_digest: string;
  image_name: string;
  created_at: string;
}

export interface BuildTables {
  builds: BuildTable;
}

export async function createBuildTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('builds')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('batch_id', 'text')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('template', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('template_digest', 'text', (c) => c.notNull())
    .addColumn('image_name', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('builds_template').on('builds').columns(['template', 'created_at']).execute();
}
