import type { Kysely } from 'kysely';
import type { Architecture } from '../../platform/ids.ts';
import type { AmiCreationStatus, DeploymentStage, DeploymentStatus } from './deployment.ts';

/** A deployment's job record. What others recorded before Ingot stands here too, and has no workflow run. */
export interface DeploymentTable {
  id: string;
  job_name: string;
  /** The app: its template's slug. */
  deployment_type: string;
  version: string;
  mode: string | null;
  target: string;
  region: string;
  architecture: Architecture;
  /** JSON; no secret's value. */
  parameters: string;
  template_digest: string | null;
  /** Of the inputs that decide what the image has; null until the base is known, and of an imported record. */
  image_key: string | null;
  status: DeploymentStatus;
  deployment_stage: DeploymentStage;
  error: string | null;
  instance_id: string | null;
  instance_type: string | null;
  /** `host:port` as the machine is reached for SSH. */
  address: string | null;
  /** What it was launched from. */
  ami_id: string | null;
  use_cached_ami: number;
  services_count: number | null;
  ready: number;
  ready_checked_at: string | null;
  ready_check_attempts: number;
  ready_at: string | null;
  /** From the launch to ready. */
  ready_ms: number | null;
  created_at: string;
  deleted_at: string | null;
  ami_creation_status: AmiCreationStatus | null;
  created_ami_id: string | null;
  ami_created_at: string | null;
  ami_creation_error: string | null;
  /** Why it is `skipped`, or why there is none. */
  ami_creation_reason: string | null;
  ami_creation_attempts: number;
}

/** One row a key, taken before any work on its image starts: so only one deployment makes it. */
export interface GoldenImageTable {
  key: string;
  state: 'reserved' | 'completed';
  target: string;
  region: string;
  app: string;
  version: string;
  mode: string | null;
  architecture: Architecture;
  /** Who makes or made it. */
  deployment_id: string;
  image_id: string | null;
  created_at: string;
}

export interface DeploymentTables {
  deployments: DeploymentTable;
  golden_images: GoldenImageTable;
}

export async function createDeploymentTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deployments')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('job_name', 'text', (c) => c.notNull())
    .addColumn('deployment_type', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('mode', 'text')
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('parameters', 'text', (c) => c.notNull())
    .addColumn('template_digest', 'text')
    .addColumn('image_key', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('deployment_stage', 'text', (c) => c.notNull())
    .addColumn('error', 'text')
    .addColumn('instance_id', 'text')
    .addColumn('instance_type', 'text')
    .addColumn('address', 'text')
    .addColumn('ami_id', 'text')
    .addColumn('use_cached_ami', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('services_count', 'integer')
    .addColumn('ready', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('ready_checked_at', 'text')
    .addColumn('ready_check_attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('ready_at', 'text')
    .addColumn('ready_ms', 'integer')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('deleted_at', 'text')
    .addColumn('ami_creation_status', 'text')
    .addColumn('created_ami_id', 'text')
    .addColumn('ami_created_at', 'text')
    .addColumn('ami_creation_error', 'text')
    .addColumn('ami_creation_reason', 'text')
    .addColumn('ami_creation_attempts', 'integer', (c) => c.notNull().defaultTo(0))
    .execute();
  await db.schema
    .createIndex('deployments_type')
    .on('deployments')
    .columns(['deployment_type', 'created_at'])
    .execute();
  await db.schema.createIndex('deployments_key').on('deployments').column('image_key').execute();
  await db.schema
    .createTable('golden_images')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('target', 'text', (c) => c.notNull())
    .addColumn('region', 'text', (c) => c.notNull())
    .addColumn('app', 'text', (c) => c.notNull())
    .addColumn('version', 'text', (c) => c.notNull())
    .addColumn('mode', 'text')
    .addColumn('architecture', 'text', (c) => c.notNull())
    .addColumn('deployment_id', 'text', (c) => c.notNull())
    .addColumn('image_id', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute();
  await db.schema
    .createIndex('golden_images_deployment')
    .on('golden_images')
    .column('deployment_id')
    .execute();
}
