import type { Generated, Kysely } from 'kysely';
import type { AccountId, LayerId, NodeId, SnapshotId, VolumeId } from '../../platform/ids.ts';
import type { SnapshotState } from './record.ts';

export interface SnapshotTable {
  snapshot_id: SnapshotId;
  region: string;
  owner_id: AccountId;
  /** 'vol-ffffffff' where it was not taken from a volume of this cloud, as EC2 shows it. */
  volume_id: VolumeId;
  volume_size_gib: number;
  state: SnapshotState;
  state_message: string | null;
  /** 0 to 100. */
  progress: number;
  started_at: string;
  completed_at: string | null;
  description: string;
  /** The frozen layer that holds it, and the node that has it. */
  layer_id: LayerId;
  node_id: NodeId;
  /** While pending: what the volume writes to once the instant is taken. */
  next_layer_id: LayerId | null;
  /** Snapshots that CreateSnapshot(s) takes at one instant share it: the id of the first. */
  instant_id: SnapshotId | null;
  is_public: Generated<number>;
  binned_at: string | null;
  bin_until: string | null;
}

export interface SnapshotPermissionTable {
  snapshot_id: SnapshotId;
  account_id: AccountId;
}

export async function createSnapshotTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('snapshots')
    .addColumn('snapshot_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('volume_id', 'text', (c) => c.notNull())
    .addColumn('volume_size_gib', 'integer', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('state_message', 'text')
    .addColumn('progress', 'integer', (c) => c.notNull())
    .addColumn('started_at', 'text', (c) => c.notNull())
    .addColumn('completed_at', 'text')
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('layer_id', 'text', (c) => c.notNull())
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('next_layer_id', 'text')
    .addColumn('instant_id', 'text')
    .addColumn('is_public', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('binned_at', 'text')
    .addColumn('bin_until', 'text')
    .execute();
  await db.schema
    .createIndex('snapshots_owner')
    .on('snapshots')
    .columns(['region', 'owner_id', 'snapshot_id'])
    .execute();
  await db.schema.createIndex('snapshots_state').on('snapshots').columns(['state']).execute();
  await db.schema
    .createIndex('snapshots_public')
    .on('snapshots')
    .columns(['region', 'is_public', 'snapshot_id'])
    .execute();
  await db.schema
    .createIndex('snapshots_bin')
    .on('snapshots')
    .columns(['bin_until'])
    .where('bin_until' as never, 'is not', null)
    .execute();
  await db.schema.createIndex('snapshots_volume').on('snapshots').columns(['volume_id']).execute();
  await db.schema.createIndex('snapshots_layer').on('snapshots').columns(['layer_id']).execute();
  await db.schema
    .createTable('snapshot_permissions')
    .addColumn('snapshot_id', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('snapshot_permissions_key', ['snapshot_id', 'account_id'])
    .execute();
  await db.schema
    .createIndex('snapshot_permissions_account')
    .on('snapshot_permissions')
    .columns(['account_id', 'snapshot_id'])
    .execute();
}
