import type { Kysely } from 'kysely';
import type { Architecture } from '../../platform/ids.ts';
import type { CreationKind } from './creation.ts';

/** A creation's state, input and steps are its workflow run's, which has the same id. */
export interface CreationTable {
  id: string;
  /** Creations that were asked for together. */
  batch_id: string | null;
  /** The creation whose failed copies this one makes. */
  retry_of: string | null;
  kind: CreationKind;
  target: string;
  region: string;
  architecture: Architecture;
  instance_id: string;
  template: string | null;
  version: string;
  image_name: string;
  /** Once it is taken: whoever knows only the image finds its creation. */
  image_id: string | null;
  project: string | null;
  created_at: string;
}

export interface CreationTables {
  creations: CreationTable;
}

export async function createCreationTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('creations')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('batch_id', 'text')
    .addColumn('retry_of', 'text')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('instance_id', 'text', (c) => c.notNull())
    .addColumn('template', 'text')
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('image_name', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text')
    .addColumn('project', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await db.schema.createIndex('creations_time').on('creations').columns(['created_at']).execute();
  await db.schema.createIndex('creations_image').on('creations').columns(['target', 'image_id']).execute();
  await db.schema.createIndex('creations_retry').on('creations').columns(['retry_of']).execute();
}
