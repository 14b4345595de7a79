import type { Kysely } from 'kysely';
import type { LaunchWay } from './launch-answer.ts';

/** Every machine that was launched through the factory, for good: what a template is used for outlives its machines. */
export interface LaunchTable {
  target: string;
  region: string;
  instance_id: string;
  image_id: string;
  /** Null where the image is of no template. */
  template: string | null;
  version: string | null;
  way: LaunchWay;
  instance_type: string;
  /** The machine's name. */
  name: string;
  launched_at: string;
  by: string;
}

export interface LaunchTables {
  launches: LaunchTable;
}

export async function createLaunchTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('launches')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('instance_id', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addColumn('template', 'text')
    .addColumn('version', 'text')
    .addColumn('way', 'text', (c) => c.notNull())
    .addColumn('instance_type', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('launched_at', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('launches_key', ['target', 'region', 'instance_id'])
    .execute();
  await db.schema.createIndex('launches_template').on('launches').columns(['target', 'template']).execute();
}
