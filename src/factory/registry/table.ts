import type { Generated, Kysely } from 'kysely';
import type { Architecture } from '../../platform/ids.ts';
import type { ChannelAction } from './channel.ts';
import type { VersionOrigin } from './version.ts';

/** JSON columns hold what is only ever read whole. Times are ISO text with milliseconds. */
export interface VersionTable {
  target: string;
  image_id: string;
  template: string;
  version: string;
  region: string;
  architecture: Architecture;
  snapshot_ids: string;
  created_at: string;
  /** Counts registrations: which of two versions came later, whatever the clock did. */
  sequence: number;
  validated: number;
  size_gib: number;
  origin: VersionOrigin;
  provenance: string | null;
  /** The parents again, so that descendants are found without reading every provenance. */
  base_image_id: string | null;
  parent_image_id: string | null;
  proof: string | null;
  summary: string | null;
  build_id: string | null;
  log_file: string | null;
  revoked_at: string | null;
  revoked_by: string | null;
  revoked_reason: string | null;
}

/** Apart from the version, which is read often: a machine has hundreds of packages. */
export interface VersionPackagesTable {
  target: string;
  image_id: string;
  packages: string;
}

export interface ChannelTable {
  target: string;
  template: string;
  region: string;
  architecture: Architecture;
  channel: string;
  image_id: string;
}

/** Every change of a channel, in order and for good. */
export interface ChannelMoveTable {
  sequence: Generated<number>;
  target: string;
  template: string;
  region: string;
  architecture: Architecture;
  channel: string;
  action: ChannelAction;
  from_image_id: string | null;
  /** Null where the channel ended: nothing was left that it could point to. */
  to_image_id: string | null;
  at: string;
  by: string;
  why: string;
  /** 1 where an unproven version was promoted against the rule. */
  forced: number;
}

/** Revocations and their end, in order and for good: the version itself tells only how it is now. */
export interface VersionChangeTable {
  sequence: Generated<number>;
  target: string;
  image_id: string;
  action: 'revoked' | 'unrevoked';
  at: string;
  by: string;
  why: string;
}

/** The rows of this folder in the factory's schema. */
export interface RegistryTables {
  versions: VersionTable;
  version_packages: VersionPackagesTable;
  channels: ChannelTable;
  channel_moves: ChannelMoveTable;
  version_changes: VersionChangeTable;
}

export async function createRegistryTables(db: Kysely<unknown>): Promise<void> {
  await createVersions(db);
  await db.schema
    .createTable('channels')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('template', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('channels_key', ['target', 'template', 'region', 'architecture', 'channel'])
    .execute();
  await db.schema.createIndex('channels_image').on('channels').columns(['target', 'image_id']).execute();
  await createChannelMoves(db);
  await createVersionChanges(db);
}

async function createVersions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('versions')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addColumn('template', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('snapshot_ids', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('sequence', 'integer', (c) => c.notNull())
    .addColumn('validated', 'integer', (c) => c.notNull())
    .addColumn('size_gib', 'real', (c) => c.notNull())
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('provenance', 'text')
    .addColumn('base_image_id', 'text')
    .addColumn('parent_image_id', 'text')
    .addColumn('proof', 'text')
    .addColumn('summary', 'text')
    .addColumn('build_id', 'text')
    .addColumn('log_file', 'text')
    .addColumn('revoked_at', 'text')
    .addColumn('revoked_by', 'text')
    .addColumn('revoked_reason', 'text')
    .addPrimaryKeyConstraint('versions_key', ['target', 'image_id'])
    .addUniqueConstraint('versions_name', ['target', 'template', 'version', 'region', 'architecture'])
    .execute();
  await db.schema.createIndex('versions_base').on('versions').columns(['target', 'base_image_id']).execute();
  await db.schema
    .createIndex('versions_parent')
    .on('versions')
    .columns(['target', 'parent_image_id'])
    .execute();
  await db.schema
    .createTable('version_packages')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addColumn('packages', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('version_packages_key', ['target', 'image_id'])
    .execute();
}

async function createChannelMoves(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('channel_moves')
    .addColumn('sequence', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('template', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('from_image_id', 'text')
    .addColumn('to_image_id', 'text')
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('forced', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex('channel_moves_channel')
    .on('channel_moves')
    .columns(['target', 'template', 'region', 'architecture', 'channel', 'sequence'])
    .execute();
}

async function createVersionChanges(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('version_changes')
    .addColumn('sequence', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('by', 'text', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('version_changes_image')
    .on('version_changes')
    .columns(['target', 'image_id', 'sequence'])
    .execute();
}
