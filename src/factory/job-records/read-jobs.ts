/**
 * The `jobs` table of a deployment manager that came before, as SQLite keeps it. Its columns grew with its versions:
 * one that a file doesn't have yet counts as empty.
 */
import { DatabaseSync } from 'node:sqlite';
import { FactoryError } from '../factory-error.ts';

export interface JobRecord {
  readonly id: string;
  readonly jobName: string;
  readonly deploymentType: string;
  readonly version?: string;
  readonly mode?: string;
  /** In its own words. */
  readonly status: string;
  readonly error?: string;
  readonly region?: string;
  readonly instanceId?: string;
  readonly instanceType?: string;
  readonly address?: string;
  readonly amiId?: string;
  readonly useCachedAmi: boolean;
  readonly servicesCount?: number;
  readonly ready: boolean;
  /** ISO 8601, as all times here. */
  readonly checkedAt?: string;
  readonly checkAttempts: number;
  readonly createdAt?: string;
  readonly createdAmiId?: string;
  readonly amiCreationStatus?: string;
  readonly amiCreatedAt?: string;
  readonly amiCreationError?: string;
}

type Row = Readonly<Record<string, unknown>>;

/** In the order of their ids. Throws where the file is no database, or has no such table. */
export function readJobs(file: string): readonly JobRecord[] {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    return database.prepare('select * from jobs order by id').all().map(toRecord);
  } catch (error) {
    const reason = (error as Error).message;
    throw new FactoryError(
      'invalid',
      `${file} can't be read as a job manager's database: ${reason}. Give its SQLite file, with the table jobs`,
      { cause: error },
    );
  } finally {
    database?.close();
  }
}

function toRecord(row: Row): JobRecord {
  const record = {
    id: textOf(row.id) ?? '',
    jobName: textOf(row.job_name) ?? `job ${textOf(row.id)}`,
    deploymentType: textOf(row.deployment_type) ?? 'kamiwaza',
    version: versionOf(row),
    mode: textOf(row.kamiwaza_deployment_mode) ?? textOf(row.deployment_mode),
    status: textOf(row.status) ?? '',
    error: textOf(row.error_message),
    region: textOf(row.region) ?? textOf(row.aws_region),
    instanceId: textOf(row.instance_id),
    instanceType: textOf(row.instance_type),
    address: textOf(row.public_ip),
    amiId: textOf(row.ami_id),
    useCachedAmi: row.use_cached_ami === 1,
    servicesCount: numberOf(row.deployment_services_count),
    ready: row.kamiwaza_ready === 1,
    checkedAt: timeOf(row.kamiwaza_checked_at),
    checkAttempts: numberOf(row.kamiwaza_check_attempts) ?? 0,
    createdAt: timeOf(row.created_at),
    createdAmiId: textOf(row.created_ami_id),
    amiCreationStatus: textOf(row.ami_creation_status),
    amiCreatedAt: timeOf(row.ami_created_at),
    amiCreationError: textOf(row.ami_creation_error),
  };
  return given(record);
}

/** The branch names it: `release/0.9.2` is v0.9.2. */
function versionOf(row: Row): string | undefined {
  return textOf(row.kamiwaza_branch)?.replace(/^release\//, 'v') ?? textOf(row.version);
}

function textOf(value: unknown): string | undefined {
  return value === null || value === undefined || value === '' ? undefined : String(value);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** '2026-01-21 18:00:00.000000', without a zone, is UTC. */
function timeOf(value: unknown): string | undefined {
  const text = textOf(value)?.replace(' ', 'T');
  if (text === undefined) return undefined;
  const time = new Date(/(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

type Given<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

function given<T extends object>(value: T): Given<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Given<T>;
}
