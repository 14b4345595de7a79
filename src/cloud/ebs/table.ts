import { type Kysely, sql } from 'kysely';
import type { LayerId, SnapshotId } from '../../platform/ids.ts';

/** A snapshot that is, or was, written block by block: what StartSnapshot and CompleteSnapshot asked for. */
export interface BlockWriteTable {
  snapshot_id: SnapshotId;
  parent_snapshot_id: SnapshotId | null;
  /** Kept by this row while the snapshot is pending. */
  parent_layer_id: LayerId | null;
  /** Without a block for so long it ends in error. */
  timeout_minutes: number;
  /** What CompleteSnapshot said, from when it was asked; null before. The checksum is hexadecimal. */
  changed_blocks: number | null;
  checksum: string | null;
}

export async function createBlockWriteTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('block_writes')
    .addColumn('snapshot_id', 'text', (c) => c.primaryKey())
    .addColumn('parent_snapshot_id', 'text')
    .addColumn('parent_layer_id', 'text')
    .addColumn('timeout_minutes', 'integer', (c) => c.notNull())
    .addColumn('changed_blocks', 'integer')
    .addColumn('checksum', 'text')
    .execute();
  // However a snapshot's row goes, nothing is left of how it was written.
  await sql`create trigger snapshots_block_write after delete on snapshots
    begin delete from block_writes where snapshot_id = old.snapshot_id; end`.execute(db);
}
