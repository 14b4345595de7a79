import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { AmiCreationStatus, Deployment, DeploymentStatus } from './deployment.ts';
import { toDeployment } from './deployment-row.ts';
import type { DeploymentTable } from './table.ts';

type Context = Pick<Factory, 'db'>;

/** By its id, or by its name where one deployment alone has it. */
export async function findDeployment(factory: Context, idOrName: string): Promise<Deployment> {
  return await shown(factory, await findRow(factory, idOrName));
}

export async function findRow({ db }: Context, idOrName: string): Promise<DeploymentTable> {
  const rows = await db.read
    .selectFrom('deployments')
    .selectAll()
    .where((where) => where.or([where('id', '=', idOrName), where('job_name', '=', idOrName)]))
    .orderBy('created_at', 'desc')
    .execute();
  const living = rows.filter(({ status }) => status !== 'deleted');
  const [row, other] = living.length > 0 ? living : rows;
  if (row === undefined) {
    throw new FactoryError(
      'not-found',
      `There is no deployment '${idOrName}'; ingot deployments list shows them`,
    );
  }
  if (other === undefined || row.id === idOrName || living.length === 0) return row;
  const ids = living.map(({ id }) => id).join(', ');
  throw new FactoryError(
    'conflict',
    `${living.length} deployments are called '${idOrName}': ${ids}. Give an id`,
  );
}

export interface DeploymentChoice {
  readonly app?: string | undefined;
  readonly version?: string | undefined;
  readonly status?: DeploymentStatus | undefined;
  readonly imageStatus?: AmiCreationStatus | undefined;
  /** Those that are deleted too. */
  readonly all?: boolean | undefined;
  readonly limit: number;
  /** The last one of the page before. */
  readonly after?: Pick<Deployment, 'createdAt' | 'id'> | undefined;
}

/** Newest first. */
export async function listDeployments(
  factory: Context,
  { app, version, status, imageStatus, all = false, limit, after }: DeploymentChoice,
): Promise<readonly Deployment[]> {
  let query = factory.db.read.selectFrom('deployments').selectAll();
  if (app !== undefined) query = query.where('deployment_type', '=', app);
  if (version !== undefined) query = query.where('version', '=', version);
  if (status !== undefined) query = query.where('status', '=', status);
  else if (!all) query = query.where('status', '!=', 'deleted');
  if (imageStatus !== undefined) query = query.where('ami_creation_status', '=', imageStatus);
  if (after !== undefined) {
    query = query.where((where) =>
      where(where.refTuple('created_at', 'id'), '<', where.tuple(after.createdAt, after.id)),
    );
  }
  const rows = await query.orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit).execute();
  return await Promise.all(rows.map((row) => shown(factory, row)));
}

async function shown({ db }: Context, row: DeploymentTable): Promise<Deployment> {
  if (row.use_cached_ami === 0 || row.image_key === null) return toDeployment(row, undefined);
  const fresh = await db.read
    .selectFrom('deployments')
    .select((select) => select.fn.avg<number | null>('ready_ms').as('ms'))
    .where('image_key', '=', row.image_key)
    .where('use_cached_ami', '=', 0)
    .where('ready_ms', 'is not', null)
    .executeTakeFirst();
  const ms = fresh?.ms ?? undefined;
  return toDeployment(row, ms === undefined ? undefined : Math.round(ms));
}
