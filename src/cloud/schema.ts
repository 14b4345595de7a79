/** The cloud's tables, each described in its resource's folder, and the migrations that make them. */
import type { Migration } from 'kysely';
import {
  type AccessKeyTable,
  type AccountSettingTable,
  type AccountTable,
  type ClientTokenTable,
  createAccountTables,
} from './accounts/table.ts';
import { type BlockWriteTable, createBlockWriteTable } from './ebs/table.ts';
import {
  createImageTables,
  type DeregisteredImageTable,
  type ImageLaunchPermissionTable,
  type ImageSnapshotTable,
  type ImageTable,
} from './images/table.ts';
import { createImportTable, type DiskImportTable } from './imports/table.ts';
import { createInstanceTables, type InstanceTable } from './instances/table.ts';
import { createKeyTables, type KeyPairTable } from './keys/table.ts';
import {
  createLaunchTemplateTables,
  type LaunchTemplateTable,
  type LaunchTemplateVersionTable,
} from './launch-templates/table.ts';
import { createLayerTables, type ReleasedLayerTable } from './layers/table.ts';
import {
  createNetworkTables,
  type SecurityGroupRuleTable,
  type SecurityGroupTable,
  type SubnetTable,
  type VpcTable,
} from './network/table.ts';
import { createSnapshotTables, type SnapshotPermissionTable, type SnapshotTable } from './snapshots/table.ts';
import { createTagTables, type TagTable } from './tags/table.ts';
import {
  createVaultTables,
  type EvictedLayerTable,
  type StoredImageTable,
  type StoredSnapshotTable,
  type VaultCollectionTable,
} from './vault/table.ts';
import { createVolumeTables, type VolumeTable } from './volumes/table.ts';

export interface Schema {
  block_writes: BlockWriteTable;
  disk_imports: DiskImportTable;
  accounts: AccountTable;
  access_keys: AccessKeyTable;
  account_settings: AccountSettingTable;
  client_tokens: ClientTokenTable;
  images: ImageTable;
  image_launch_permissions: ImageLaunchPermissionTable;
  image_snapshots: ImageSnapshotTable;
  deregistered_images: DeregisteredImageTable;
  snapshots: SnapshotTable;
  snapshot_permissions: SnapshotPermissionTable;
  volumes: VolumeTable;
  instances: InstanceTable;
  released_layers: ReleasedLayerTable;
  key_pairs: KeyPairTable;
  vpcs: VpcTable;
  subnets: SubnetTable;
  security_groups: SecurityGroupTable;
  security_group_rules: SecurityGroupRuleTable;
  tags: TagTable;
  launch_templates: LaunchTemplateTable;
  launch_template_versions: LaunchTemplateVersionTable;
  stored_snapshots: StoredSnapshotTable;
  stored_images: StoredImageTable;
  evicted_layers: EvictedLayerTable;
  vault_collections: VaultCollectionTable;
}

const first: Migration = {
  async up(db) {
    await createAccountTables(db);
    await createImageTables(db);
    await createSnapshotTables(db);
    await createVolumeTables(db);
    await createInstanceTables(db);
    await createKeyTables(db);
    await createNetworkTables(db);
    await createTagTables(db);
    await createLaunchTemplateTables(db);
    await createLayerTables(db);
  },
};

/** A change of a table is a new migration; one that has shipped is never edited. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-cloud': first,
  '0002-vault': { up: createVaultTables },
  '0003-block-writes': { up: createBlockWriteTable },
  '0004-disk-imports': { up: createImportTable },
};
