import { Ec2Fault } from '../../ec2/faults.ts';
import { missingParameter } from '../../ec2/request-faults.ts';
import { malformedId, notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { type InstanceId, isId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { InstanceRow } from './record.ts';

export function asInstanceId(value: string | undefined): InstanceId {
  if (value === undefined || !isId('i', value)) throw malformedId('instance', value ?? '');
  return value as InstanceId;
}

/** The caller's instance of this id in this region. */
export async function findInstance(
  cloud: Cloud,
  caller: Caller,
  value: string | undefined,
): Promise<InstanceRow> {
  const [instance] = await findInstances(cloud, caller, [value]);
  if (instance === undefined) throw notFound('instance', value ?? '');
  return instance;
}

/** All of them in the order asked, or the error that names every one that is missing. */
export async function findInstances(
  cloud: Cloud,
  caller: Caller,
  values: readonly (string | undefined)[],
): Promise<InstanceRow[]> {
  const ids = [...new Set(values.map(asInstanceId))];
  if (ids.length === 0) {
    throw missingParameter('InstanceId');
  }
  const rows = await cloud.db.read
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

export function incorrectInstanceState(instance: InstanceRow, words: string): Ec2Fault {
  return new Ec2Fault('IncorrectInstanceState', `The instance '${instance.instance_id}' ${words}`);
}
