import type { Kysely } from 'kysely';

/** What the registry knew of an image that was deleted: restoring the image puts it back. */
export interface DeletedVersionTable {
  target: string;
  image_id: string;
  region: string;
  template: string;
  version: string;
  /** JSON: the row of `versions`, that of `version_packages`, and the channels that were moved off it. */
  kept: string;
  deleted_at: string;
  by: string;
}

export interface DeletionTables {
  deleted_versions: DeletedVersionTable;
}

export async function createDeletionTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deleted_versions')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('template', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('kept', 'text', (c) => c.notNull())
    .addColumn('deleted_at', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('deleted_versions_key', ['target', 'image_id'])
    .execute();
}
