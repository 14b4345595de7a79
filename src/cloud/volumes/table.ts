import type { Generated, Kysely } from 'kysely';
import type { AccountId, InstanceId, LayerId, NodeId, SnapshotId, VolumeId } from '../../platform/ids.ts';
import type { AttachmentState, VolumeState } from './record.ts';

/** A volume has at most one attachment here, so the attachment is columns of it. */
export interface VolumeTable {
  volume_id: VolumeId;
  region: string;
  zone: string;
  owner_id: AccountId;
  /** While it grows, what it grows to: a snapshot taken meanwhile never says less than its layer holds. */
  size_gib: number;
  volume_type: string;
  iops: number | null;
  throughput: number | null;
  state: VolumeState;
  snapshot_id: SnapshotId | null;
  created_at: string;
  node_id: NodeId;
  /** The layer it writes to. */
  layer_id: LayerId;
  /** What that layer is made over; kept until the layer stands. */
  parent_layer_id: LayerId | null;
  /** 0 until the layer exists on the node. */
  layer_made: Generated<number>;
  instance_id: InstanceId | null;
  device_name: string | null;
  attachment_state: AttachmentState | null;
  attached_at: string | null;
  delete_on_termination: Generated<number>;
  /** Its place when the image or the call named one: root first, then by device name. */
  is_root: Generated<number>;
  /** The detach that was asked for does not wait for the guest. */
  force_detach: Generated<number>;
  /** When the guest was last asked to let go; one that does not answer is asked again after a while. */
  detach_asked_at: string | null;
  auto_enable_io: Generated<number>;
  /** The last ModifyVolume: `StoredModification` as JSON. */
  modification: string | null;
  /** 1 while the node has still to do it. */
  modifying: Generated<number>;
}

export async function createVolumeTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('volumes')
    .addColumn('volume_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('zone', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('size_gib', 'integer', (c) => c.notNull())
    .addColumn('volume_type', 'text', (c) => c.notNull())
    .addColumn('iops', 'integer')
    .addColumn('throughput', 'integer')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('snapshot_id', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('layer_id', 'text', (c) => c.notNull())
    .addColumn('parent_layer_id', 'text')
    .addColumn('layer_made', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('instance_id', 'text')
    .addColumn('device_name', 'text')
    .addColumn('attachment_state', 'text')
    .addColumn('attached_at', 'text')
    .addColumn('delete_on_termination', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('is_root', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('force_detach', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('detach_asked_at', 'text')
    .addColumn('auto_enable_io', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('modification', 'text')
    .addColumn('modifying', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex('volumes_owner')
    .on('volumes')
    .columns(['region', 'owner_id', 'volume_id'])
    .execute();
  await db.schema.createIndex('volumes_instance').on('volumes').columns(['instance_id']).execute();
  await db.schema.createIndex('volumes_state').on('volumes').columns(['state']).execute();
  // What the reconciler looks for.
  await db.schema.createIndex('volumes_attachment').on('volumes').columns(['attachment_state']).execute();
  await db.schema.createIndex('volumes_modifying').on('volumes').columns(['modifying']).execute();
  await db.schema.createIndex('volumes_snapshot').on('volumes').columns(['snapshot_id']).execute();
}
