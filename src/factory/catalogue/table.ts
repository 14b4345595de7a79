import type { Kysely } from 'kysely';

/** A catalogue that somebody here decided to trust. */
export interface CatalogueTable {
  /** Its own name for itself. */
  name: string;
  location: string;
  public_key: string;
  /** The highest publication that was seen. */
  sequence: number;
  added_at: string;
}

/** An image that a catalogue made here leads others to. */
export interface PublicationTable {
  /** The catalogue's. */
  folder: string;
  template: string;
  version: string;
  architecture: string;
  target: string;
  region: string;
  image_id: string;
}

export interface CatalogueTables {
  catalogues: CatalogueTable;
  publications: PublicationTable;
}

export async function createCatalogueTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('catalogues')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('location', 'text', (c) => c.notNull())
    .addColumn('public_key', 'text', (c) => c.notNull())
    .addColumn('sequence', 'integer', (c) => c.notNull())
    .addColumn('added_at', 'text', (c) => c.notNull())
    .execute();
}

export async function createPublications(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('publications')
    .addColumn('folder', 'text', (c) => c.notNull())
    .addColumn('template', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('publications_key', ['folder', 'target', 'region', 'image_id'])
    .execute();
  await db.schema
    .createIndex('publications_image')
    .on('publications')
    .columns(['target', 'region', 'image_id'])
    .execute();
}
