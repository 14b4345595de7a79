import type { Kysely } from 'kysely';
import type { AccountId, ImageId, LayerId, NodeId, SnapshotId } from '../../platform/ids.ts';

export type ImportState = 'running' | 'completed' | 'failed';

/** A disk file that becomes an image. Its snapshot is pending meanwhile, and gone where it fails. */
export interface DiskImportTable {
  snapshot_id: SnapshotId;
  region: string;
  owner_id: AccountId;
  node_id: NodeId;
  layer_id: LayerId;
  /** On the node's machine. */
  file: string;
  format: string;
  /** `ImportedImage` as JSON: what the image will be. */
  image: string;
  state: ImportState;
  bytes_done: number;
  bytes_total: number;
  reason: string | null;
  image_id: ImageId | null;
  started_at: string;
}

export async function createImportTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('disk_imports')
    .addColumn('snapshot_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('layer_id', 'text', (c) => c.notNull())
    .addColumn('file', 'text', (c) => c.notNull())
    .addColumn('format', 'text', (c) => c.notNull())
    .addColumn('image', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('bytes_done', 'integer', (c) => c.notNull())
    .addColumn('bytes_total', 'integer', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('image_id', 'text')
    .addColumn('started_at', 'text', (c) => c.notNull())
    .execute();
}
