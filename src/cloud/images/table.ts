import type { CreateTableBuilder, Generated, Kysely } from 'kysely';
import type {
  AccountId,
  Architecture,
  Firmware,
  ImageId,
  InstanceId,
  SnapshotId,
} from '../../platform/ids.ts';
import type { ImageState } from './record.ts';

/** JSON columns hold what is only ever read whole. Times are ISO text with milliseconds. */
export interface ImageTable {
  image_id: ImageId;
  region: string;
  owner_id: AccountId;
  name: string;
  description: string | null;
  state: ImageState;
  state_reason_code: string | null;
  state_reason_message: string | null;
  architecture: Architecture;
  firmware: Firmware;
  /** As RegisterImage or the source gave it: 'legacy-bios' | 'uefi' | 'uefi-preferred', or none. */
  boot_mode: string | null;
  created_at: string;
  /** Where it was captured from; CreateImage only. */
  source_instance_id: InstanceId | null;
  /** The image it descends from: the instance's image, or the copied one. */
  source_image_id: ImageId | null;
  source_image_region: string | null;
  root_device_name: string;
  /** `StoredBlockDevice[]` of record.ts, as JSON. */
  block_devices: string;
  is_public: Generated<number>;
  ena_support: Generated<number>;
  imds_support: string | null;
  tpm_support: string | null;
  deprecation_time: string | null;
  /** 'disabled', 'enabled-without-cooldown', 'enabled-with-cooldown', or 'cooling-until:<ISO>'. */
  deregistration_protection: Generated<string>;
  last_launched_at: string | null;
  /** How a pending image comes about: see capture-image.ts; `copy` and `store` wait for the vault. */
  method: 'frozen' | 'instant' | 'reboot' | 'copy' | 'store' | null;
  /** When it went to the recycle bin, and until when it stays there. */
  binned_at: string | null;
  bin_until: string | null;
  client_token: string | null;
}

export interface ImageLaunchPermissionTable {
  image_id: ImageId;
  account_id: AccountId;
}

/**
 * What is remembered of an image that is gone, binned or for good: its id is answered otherwise than one that
 * never was, and the ancestry of its descendants goes through it.
 */
export interface DeregisteredImageTable {
  image_id: ImageId;
  region: string;
  owner_id: AccountId;
  created_at: string;
  source_image_id: ImageId | null;
  source_image_region: string | null;
  deregistered_at: string;
}

/** Which snapshots an image stands on: they cannot be deleted while it does. */
export interface ImageSnapshotTable {
  image_id: ImageId;
  snapshot_id: SnapshotId;
}

export async function createImageTables(db: Kysely<unknown>): Promise<void> {
  await imageColumns(db.schema.createTable('images')).execute();
  // A name is taken by what a client still sees; a binned or deregistered image gives it back.
  await db.schema
    .createIndex('images_name')
    .unique()
    .on('images')
    .columns(['region', 'owner_id', 'name'])
    .where('binned_at' as never, 'is', null)
    .execute();
  await db.schema
    .createIndex('images_owner')
    .on('images')
    .columns(['region', 'owner_id', 'image_id'])
    .execute();
  await db.schema.createIndex('images_state').on('images').columns(['state']).execute();
  await db.schema
    .createIndex('images_public')
    .on('images')
    .columns(['region', 'is_public', 'image_id'])
    .execute();
  await db.schema.createIndex('images_named').on('images').columns(['region', 'name']).execute();
  await db.schema.createIndex('images_source').on('images').columns(['source_image_id']).execute();
  await db.schema
    .createIndex('images_bin')
    .on('images')
    .columns(['bin_until'])
    .where('bin_until' as never, 'is not', null)
    .execute();
  await db.schema
    .createTable('deregistered_images')
    .addColumn('image_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('source_image_id', 'text')
    .addColumn('source_image_region', 'text')
    .addColumn('deregistered_at', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('deregistered_images_source')
    .on('deregistered_images')
    .columns(['source_image_id'])
    .execute();
  await db.schema
    .createTable('image_launch_permissions')
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('image_launch_permissions_key', ['image_id', 'account_id'])
    .execute();
  await db.schema
    .createIndex('image_launch_permissions_account')
    .on('image_launch_permissions')
    .columns(['account_id', 'image_id'])
    .execute();
  await db.schema
    .createTable('image_snapshots')
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addColumn('snapshot_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('image_snapshots_key', ['image_id', 'snapshot_id'])
    .execute();
  await db.schema
    .createIndex('image_snapshots_snapshot')
    .on('image_snapshots')
    .columns(['snapshot_id', 'image_id'])
    .execute();
}

function imageColumns(table: CreateTableBuilder<string, never>) {
  return table
    .addColumn('image_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('description', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('state_reason_code', 'text')
    .addColumn('state_reason_message', 'text')
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('firmware', 'text', (c) => c.notNull())
    .addColumn('boot_mode', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('source_instance_id', 'text')
    .addColumn('source_image_id', 'text')
    .addColumn('source_image_region', 'text')
    .addColumn('root_device_name', 'text', (c) => c.notNull())
    .addColumn('block_devices', 'text', (c) => c.notNull())
    .addColumn('is_public', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('ena_support', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('imds_support', 'text')
    .addColumn('tpm_support', 'text')
    .addColumn('deprecation_time', 'text')
    .addColumn('deregistration_protection', 'text', (c) => c.notNull().defaultTo('disabled'))
    .addColumn('last_launched_at', 'text')
    .addColumn('method', 'text')
    .addColumn('binned_at', 'text')
    .addColumn('bin_until', 'text')
    .addColumn('client_token', 'text');
}
