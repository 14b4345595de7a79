/** The job record: written as the deployment goes, read by whoever looks. */
import type { Factory } from '../factory.ts';
import type { Deployment } from './deployment.ts';
import type { DeploymentTable } from './table.ts';

export async function updateDeployment(
  { db }: Pick<Factory, 'db'>,
  id: string,
  change: Partial<Omit<DeploymentTable, 'id'>>,
): Promise<void> {
  await db.write((tx) => tx.updateTable('deployments').set(change).where('id', '=', id).execute());
}

/** Without the keys that have no value. */
type Given<T> = { readonly [Key in keyof T]: T[Key] | null | undefined };

export function toDeployment(row: DeploymentTable, freshMs: number | undefined): Deployment {
  return given<Deployment>({
    id: row.id,
    jobName: row.job_name,
    app: row.deployment_type,
    version: row.version,
    mode: row.mode,
    target: row.target,
    region: row.region,
    architecture: row.architecture,
    parameters: JSON.parse(row.parameters) as Deployment['parameters'],
    status: row.status,
    stage: row.deployment_stage,
    error: row.error,
    instanceId: row.instance_id,
    instanceType: row.instance_type,
    address: row.address,
    imageId: row.ami_id,
    usesGoldenImage: row.use_cached_ami === 1,
    servicesCount: row.services_count,
    ready: row.ready === 1,
    checkedAt: row.ready_checked_at,
    checkAttempts: row.ready_check_attempts,
    readyAt: row.ready_at,
    readyMs: row.ready_ms,
    freshMs,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
    image: given<Deployment['image']>({
      status: row.ami_creation_status,
      imageId: row.created_ami_id,
      createdAt: row.ami_created_at,
      error: row.ami_creation_error,
      reason: row.ami_creation_reason,
      attempts: row.ami_creation_attempts,
    }),
  });
}

function given<T extends object>(value: Given<T>): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== null && each !== undefined),
  ) as T;
}
