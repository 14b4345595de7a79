import type { Kysely, Transaction } from 'kysely';
import { missingParameter } from '../../ec2/request-faults.ts';
import { malformedId, notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { type InstanceId, isId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { InstanceRow } from './record.ts';

export function asInstanceId(value: string | undefined): InstanceId {
  if (value === undefined) throw missingParameter('InstanceId');
  if (!isId('i', value)) throw malformedId('instance', value);
  return value as InstanceId;
}

/** The caller's instance of this id in this region. */
export async function findInstance(
  cloud: Cloud,
  caller: Caller,
  value: string | undefined,
): Promise<InstanceRow> {
  return await readInstance(cloud.db.read, caller, value);
}

/** All of them in the order asked, or the error that names every one that is missing. */
export async function findInstances(
  cloud: Cloud,
  caller: Caller,
  values: readonly (string | undefined)[],
): Promise<InstanceRow[]> {
  return await readInstances(cloud.db.read, caller, values);
}

/** The same in a transaction, where they stay as they are read. */
export async function readInstances(
  db: Kysely<Schema> | Transaction<Schema>,
  caller: Caller,
  values: readonly (string | undefined)[],
): Promise<InstanceRow[]> {
  const ids = [...new Set(values.map(asInstanceId))];
  if (ids.length === 0) {
    throw missingParameter('InstanceId');
  }
  const rows = await db
    .selectFrom('instances')
    .selectAll()
    .where('instance_id', 'in', ids)
    .where('owner_id', '=', caller.accountId)
    .where('region', '=', caller.region)
    .execute();
  const byId = new Map(rows.map((row) => [row.instance_id, row]));
  const missing = ids.filter((id) => !byId.has(id));
  if (missing.length > 0) throw notFound('instance', missing);
  return ids.map((id) => byId.get(id)).filter((row) => row !== undefined);
}

export async function readInstance(
  db: Kysely<Schema> | Transaction<Schema>,
  caller: Caller,
  value: string | undefined,
): Promise<InstanceRow> {
  const [instance] = await readInstances(db, caller, [value]);
  if (instance === undefined) throw notFound('instance', value ?? '');
  return instance;
}
