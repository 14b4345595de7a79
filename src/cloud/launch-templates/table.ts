import type { Kysely } from 'kysely';
import type { AccountId } from '../../platform/ids.ts';

export interface LaunchTemplateTable {
  launch_template_id: string;
  region: string;
  owner_id: AccountId;
  name: string;
  created_at: string;
  created_by: string;
  default_version: number;
  latest_version: number;
  /** The highest number ever given: that of a deleted version is not given again. */
  last_number: number;
}

export interface LaunchTemplateVersionTable {
  launch_template_id: string;
  version: number;
  description: string | null;
  created_at: string;
  created_by: string;
  /** RequestLaunchTemplateData as JSON. */
  data: string;
  /** Its ImageId, for DescribeImageReferences. */
  image_id: string | null;
}

export async function createLaunchTemplateTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('launch_templates')
    .addColumn('launch_template_id', 'text', (c) => c.primaryKey())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('owner_id', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('default_version', 'integer', (c) => c.notNull())
    .addColumn('latest_version', 'integer', (c) => c.notNull())
    .addColumn('last_number', 'integer', (c) => c.notNull())
    .addUniqueConstraint('launch_templates_name', ['region', 'owner_id', 'name'])
    .execute();
  await db.schema
    .createTable('launch_template_versions')
    .addColumn('launch_template_id', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('description', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text')
    .addPrimaryKeyConstraint('launch_template_versions_key', ['launch_template_id', 'version'])
    .execute();
  await db.schema
    .createIndex('launch_template_versions_image')
    .on('launch_template_versions')
    .columns(['image_id'])
    .execute();
}
