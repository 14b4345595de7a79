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

export interface CatalogueTables {
  catalogues: CatalogueTable;
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
