/** Records of deployments that were made before Ingot, taken into its own: seen beside the others, and never driven. */
import type { Architecture } from '../../platform/ids.ts';
import type { AmiCreationStatus, DeploymentStatus } from '../deployments/deployment.ts';
import type { DeploymentTable } from '../deployments/table.ts';
import type { Factory } from '../factory.ts';
import { type JobRecord, readJobs } from './read-jobs.ts';

export interface JobImport {
  /** Absolute. */
  readonly file: string;
  /** Where the machines and images of the records are. */
  readonly target: string;
  /** Of records that name none; the target's first unless told. */
  readonly region?: string | undefined;
  readonly architecture: Architecture;
}

export interface ImportedJobs {
  /** Ids of the deployments that are new here. */
  readonly imported: readonly string[];
  /** Imported before: left as they are. */
  readonly known: readonly string[];
}

/** All or none. Can be repeated. */
export async function importJobs(
  factory: Pick<Factory, 'db' | 'now' | 'targets'>,
  request: JobImport,
): Promise<ImportedJobs> {
  const target = await factory.targets.get(request.target);
  const [firstRegion = ''] = target.regions;
  const rows = readJobs(request.file).map((job) =>
    toRow(job, { ...request, region: job.region ?? request.region ?? firstRegion, now: factory.now() }),
  );
  return await factory.db.write(async (tx) => {
    const [imported, known]: [string[], string[]] = [[], []];
    for (const row of rows) {
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('deployments')
        .values(row)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      (numInsertedOrUpdatedRows === 1n ? imported : known).push(row.id);
    }
    return { imported, known };
  });
}

function toRow(
  job: JobRecord,
  place: {
    readonly target: string;
    readonly region: string;
    readonly architecture: Architecture;
    readonly now: Date;
  },
): DeploymentTable {
  const { target, region, architecture, now } = place;
  const { status, error } = statusOf(job);
  const createdAt = job.createdAt ?? now.toISOString();
  return {
    id: `job-${job.id}`,
    job_name: job.jobName,
    deployment_type: job.deploymentType,
    version: job.version ?? '',
    mode: job.mode ?? null,
    ...{ target, region, architecture, parameters: '{}', template_digest: null, image_key: null },
    ...{ status, error: error ?? null },
    deployment_stage: job.ready ? 'ready' : 'instance',
    instance_id: job.instanceId ?? null,
    instance_type: job.instanceType ?? null,
    address: job.address ?? null,
    ami_id: job.amiId ?? null,
    use_cached_ami: job.useCachedAmi ? 1 : 0,
    services_count: job.servicesCount ?? null,
    ready: job.ready ? 1 : 0,
    ready_checked_at: job.checkedAt ?? null,
    ready_check_attempts: job.checkAttempts,
    ready_at: job.ready ? (job.checkedAt ?? null) : null,
    ready_ms: null,
    created_at: createdAt,
    deleted_at: status === 'deleted' ? now.toISOString() : null,
    ...imageOf(job),
    created_ami_id: job.createdAmiId ?? null,
    ami_created_at: job.amiCreatedAt ?? null,
    ami_creation_attempts: job.amiCreationStatus === undefined ? 0 : 1,
  };
}

/** Nothing here goes on with what was under way there. */
function statusOf({ status, ready, error }: JobRecord): {
  readonly status: DeploymentStatus;
  readonly error?: string;
} {
  if (/delet|terminat|destroy/i.test(status))
    return { status: 'deleted', ...(error === undefined ? {} : { error }) };
  if (ready) return { status: 'ready' };
  return { status: 'failed', error: error ?? `It was '${status}' when its record was imported` };
}

function imageOf(
  job: JobRecord,
): Pick<DeploymentTable, 'ami_creation_status' | 'ami_creation_error' | 'ami_creation_reason'> {
  const { amiCreationStatus: status, amiCreationError: error = null } = job;
  const reason = 'imported from an earlier job manager';
  if (status === undefined)
    return { ami_creation_status: null, ami_creation_error: error, ami_creation_reason: null };
  if (isOver(status))
    return { ami_creation_status: status, ami_creation_error: error, ami_creation_reason: reason };
  return {
    ami_creation_status: 'failed',
    ami_creation_error: error ?? `It was '${status}' when its record was imported`,
    ami_creation_reason: reason,
  };
}

function isOver(status: string): status is AmiCreationStatus {
  return status === 'completed' || status === 'failed' || status === 'skipped';
}
