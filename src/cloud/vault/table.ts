import { type Generated, type Kysely, sql } from 'kysely';
import type { ImageId, LayerId, NodeId, SnapshotId } from '../../platform/ids.ts';
import type { StoredState } from './record.ts';

/**
 * What a region's vault holds, or shall hold. The row is written before the node is asked, and outlives its
 * snapshot for as long as something else needs the content (release-stored.ts), so whatever a vault lists
 * and no row names belongs to nobody.
 */
export interface StoredSnapshotTable {
  snapshot_id: SnapshotId;
  region: string;
  node_id: NodeId;
  /** The layer whose content it is. */
  layer_id: LayerId;
  state: StoredState;
  /** The older is stored first. */
  wanted_at: string;
  /** Of a copy from another region: what it is copied from. */
  source_region: string | null;
  source_snapshot_id: SnapshotId | null;
  bytes_done: Generated<number>;
  bytes_total: Generated<number>;
  /** Failures since it was last under way, why, and when it is tried again. */
  attempts: Generated<number>;
  reason: string | null;
  retry_at: string | null;
  /** 1 once its snapshot's row is gone. */
  released: Generated<number>;
}

/**
 * A layer that isn't wholly on its node. `evicted`: its snapshots hold it no longer, the vault does, and the sweep
 * deletes it once nothing stands on it. `fetching`: it comes back, from the stored snapshot named.
 */
export interface EvictedLayerTable {
  layer_id: LayerId;
  node_id: NodeId;
  state: 'evicted' | 'fetching';
  source_region: string | null;
  source_snapshot_id: SnapshotId | null;
}

/** An image whose `config.json` in the vault is to be written, or to be removed once it is gone. */
export interface StoredImageTable {
  image_id: ImageId;
  region: string;
  /** Grows with every change; the vault has what `written` says. */
  wanted: Generated<number>;
  written: Generated<number>;
}

/** When a region's vault was last collected; a restart doesn't make it forget. */
export interface VaultCollectionTable {
  region: string;
  collected_at: string;
}

export async function createVaultTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('stored_snapshots')
    .addColumn('snapshot_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('layer_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('wanted_at', 'text', (c) => c.notNull())
    .addColumn('source_region', 'text')
    .addColumn('source_snapshot_id', 'text')
    .addColumn('bytes_done', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('bytes_total', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('reason', 'text')
    .addColumn('retry_at', 'text')
    .addColumn('released', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex('stored_snapshots_state')
    .on('stored_snapshots')
    .columns(['state', 'wanted_at'])
    .execute();
  await db.schema
    .createIndex('stored_snapshots_layer')
    .on('stored_snapshots')
    .columns(['layer_id', 'region'])
    .execute();
  await db.schema
    .createIndex('stored_snapshots_released')
    .on('stored_snapshots')
    .columns(['released'])
    .where('released' as never, '=', 1)
    .execute();
  await db.schema
    .createTable('evicted_layers')
    .addColumn('layer_id', 'text', (c) => c.primaryKey())
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('source_region', 'text')
    .addColumn('source_snapshot_id', 'text')
    .execute();
  await db.schema
    .createTable('stored_images')
    .addColumn('image_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('wanted', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('written', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createTable('vault_collections')
    .addColumn('region', 'text', (c) => c.primaryKey())
    .addColumn('collected_at', 'text', (c) => c.notNull())
    .execute();
  // Of a machine that booted from a layer that was coming from the vault: its boot is still to be told.
  await db.schema.alterTable('instances').addColumn('fetched_layer_id', 'text').execute();
  await noteSnapshots(db);
  await noteImages(db);
}

/** The database itself notes what became complete and what went, so no operation can forget to. */
async function noteSnapshots(db: Kysely<unknown>): Promise<void> {
  const wanted = sql`insert or ignore into stored_snapshots (snapshot_id, region, node_id, layer_id, state, wanted_at)
    values (new.snapshot_id, new.region, new.node_id, new.layer_id, 'wanted', new.started_at)`;
  await sql`create trigger snapshots_store_made after insert on snapshots when new.state = 'completed'
    begin ${wanted}; end`.execute(db);
  await sql`create trigger snapshots_store_completed after update of state on snapshots
    when new.state = 'completed' and old.state <> 'completed' begin ${wanted}; end`.execute(db);
  await sql`create trigger snapshots_store_released after delete on snapshots
    begin update stored_snapshots set released = 1 where snapshot_id = old.snapshot_id; end`.execute(db);
  // Those of base images came from no volume: they can be made again, and are stored when something stands on them.
  await sql`insert into stored_snapshots (snapshot_id, region, node_id, layer_id, state, wanted_at)
    select snapshot_id, region, node_id, layer_id,
      case volume_id when 'vol-ffffffff' then 'unwanted' else 'wanted' end, started_at
    from snapshots where state = 'completed'`.execute(db);
}

async function noteImages(db: Kysely<unknown>): Promise<void> {
  const wanted = sql`insert into stored_images (image_id, region) values (new.image_id, new.region)
    on conflict do update set wanted = wanted + 1`;
  await sql`create trigger images_store_made after insert on images when new.state = 'available'
    begin ${wanted}; end`.execute(db);
  await sql`create trigger images_store_changed after update of state, description on images
    when new.state = 'available' begin ${wanted}; end`.execute(db);
  await sql`create trigger images_store_released after delete on images
    begin update stored_images set wanted = wanted + 1 where image_id = old.image_id; end`.execute(db);
  await sql`insert into stored_images (image_id, region)
    select image_id, region from images where state = 'available'`.execute(db);
}
