import type { Generated, Kysely } from 'kysely';
import type {
  AccountId,
  Architecture,
  Firmware,
  ImageId,
  InstanceId,
  LayerId,
  NodeId,
} from '../../platform/ids.ts';
import type { InstanceState } from './record.ts';

export interface InstanceTable {
  instance_id: InstanceId;
  region: string;
  zone: string;
  owner_id: AccountId;
  reservation_id: string;
  launch_index: number;
  image_id: ImageId;
  instance_type: string;
  architecture: Architecture;
  firmware: Firmware;
  boot_mode: string | null;
  root_device_name: string;
  state: InstanceState;
  /** EC2's StateReason, 'Client.UserInitiatedShutdown'. */
  state_reason_code: string | null;
  state_reason_message: string | null;
  /** 'User initiated (2026-01-02 03:04:05 GMT)'. */
  transition_reason: Generated<string>;
  launched_at: string;
  key_name: string | null;
  /** The public key as it was when it was launched: deleting the key pair does not change the machine. */
  public_key: string | null;
  user_data: Uint8Array | null;
  vpc_id: string;
  subnet_id: string;
  /** Group ids, JSON. */
  security_groups: string;
  private_address: string;
  mac_address: string;
  public_address: string | null;
  /** Closed ports and mapped ports as the node told, JSON, for `ingot doctor`. */
  ports_detail: string | null;
  shutdown_behavior: 'stop' | 'terminate';
  termination_protected: Generated<number>;
  stop_protected: Generated<number>;
  client_token: string | null;
  node_id: NodeId;
  /** Restarts that were asked for and not done yet. */
  reboot_wanted: Generated<number>;
  /** A security group of it changed, and its ports are not set yet. */
  ports_wanted: Generated<number>;
  /** The stop that was asked for is a hard one. */
  force_stop: Generated<number>;
  /** The image that is being taken of it and owns its power until the instant is taken. */
  captured_by: ImageId | null;
  terminated_at: string | null;
  launch_template: string | null;
  /** Kept and shown as they were set; nothing here depends on them. */
  source_dest_check: Generated<number>;
  ebs_optimized: Generated<number>;
  ena_support: Generated<number>;
  sriov_net_support: string | null;
  /** Its root came from the vault when it was launched, and that it came up is not told yet. */
  fetched_layer_id: LayerId | null;
}

export async function createInstanceTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('instances')
    .addColumn('instance_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('zone', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('reservation_id', 'text', (c) => c.notNull())
    .addColumn('launch_index', 'integer', (c) => c.notNull())
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addColumn('instance_type', 'text', (c) => c.notNull())
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('firmware', 'text', (c) => c.notNull())
    .addColumn('boot_mode', 'text')
    .addColumn('root_device_name', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('state_reason_code', 'text')
    .addColumn('state_reason_message', 'text')
    .addColumn('transition_reason', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('launched_at', 'text', (c) => c.notNull())
    .addColumn('key_name', 'text')
    .addColumn('public_key', 'text')
    .addColumn('user_data', 'blob')
    .addColumn('vpc_id', 'text', (c) => c.notNull())
    .addColumn('subnet_id', 'text', (c) => c.notNull())
    .addColumn('security_groups', 'text', (c) => c.notNull())
    .addColumn('private_address', 'text', (c) => c.notNull())
    .addColumn('mac_address', 'text', (c) => c.notNull())
    .addColumn('public_address', 'text')
    .addColumn('ports_detail', 'text')
    .addColumn('shutdown_behavior', 'text', (c) => c.notNull())
    .addColumn('termination_protected', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('stop_protected', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('client_token', 'text')
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('reboot_wanted', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('ports_wanted', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('force_stop', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('captured_by', 'text')
    .addColumn('terminated_at', 'text')
    .addColumn('launch_template', 'text')
    .addColumn('source_dest_check', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('ebs_optimized', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('ena_support', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('sriov_net_support', 'text')
    .execute();
  await db.schema
    .createIndex('instances_owner')
    .on('instances')
    .columns(['region', 'owner_id', 'instance_id'])
    .execute();
  await db.schema.createIndex('instances_state').on('instances').columns(['state']).execute();
  await db.schema.createIndex('instances_image').on('instances').columns(['image_id']).execute();
}
