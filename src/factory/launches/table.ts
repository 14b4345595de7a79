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

/** Images that were tried out; what came of it stands with the runs. */
export interface ImageTestTable {
  id: string;
  /** As it was given. */
  name: string;
  target: string;
  /** JSON: by region, the run or why there is none. */
  places: string;
  created_at: string;
}

export interface LaunchTables {
  launches: LaunchTable;
  image_tests: ImageTestTable;
}

export async function createImageTests(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('image_tests')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('places', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
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
