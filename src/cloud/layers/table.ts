import { type Kysely, sql } from 'kysely';
import type { LayerId } from '../../platform/ids.ts';

/** A layer that a deleted row named: it may be nobody's now. */
export interface ReleasedLayerTable {
  layer_id: LayerId;
}

/**
 * The database itself notes what a deleted row let go of, in the transaction that deletes it, so no operation
 * can forget to. Rows that move on to another layer release nothing: what they leave is another row's by then.
 */
export async function createLayerTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('released_layers')
    .addColumn('layer_id', 'text', (c) => c.primaryKey())
    .execute();
  for (const table of ['snapshots', 'volumes']) {
    await sql`create trigger ${sql.id(`${table}_release`)} after delete on ${sql.table(table)}
      begin insert or ignore into released_layers values (old.layer_id); end`.execute(db);
  }
}
