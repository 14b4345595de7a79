import type { Kysely } from 'kysely';
import { Ec2Fault } from '../../../ec2/faults.ts';
import { missingParameter } from '../../../ec2/request-faults.ts';
import { checkIds, notFound } from '../../../ec2/resource-faults.ts';
import type { Caller } from '../../../ec2/types.ts';
import type { Cloud } from '../../cloud.ts';
import type { Schema } from '../../schema.ts';
import { defaultVpc } from '../default-vpc.ts';
import type { GroupRow, RuleRow } from './record.ts';

/** The caller's group by id, or by name in the default VPC. */
export async function findGroup(
  cloud: Cloud,
  caller: Caller,
  wanted: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): Promise<GroupRow> {
  const { GroupId: id, GroupName: name } = wanted;
  if (id === undefined && name === undefined) throw missingParameter('GroupName or GroupId');
  if (id !== undefined) checkIds('securityGroup', [id]);
  const { vpc } = await defaultVpc(cloud, caller);
  const group = await cloud.db.read
    .selectFrom('security_groups')
    .selectAll()
    .where('vpc_id', '=', vpc.vpc_id)
    .where(id === undefined ? 'group_name' : 'group_id', '=', id ?? name ?? '')
    .executeTakeFirst();
  if (group !== undefined) return group;
  throw id === undefined ? nameNotFound(name ?? '', vpc.vpc_id) : notFound('securityGroup', id);
}

export function nameNotFound(name: string, vpcId: string): Ec2Fault {
  return new Ec2Fault(
    'InvalidGroup.NotFound',
    `The security group '${name}' does not exist in default VPC '${vpcId}'`,
  );
}

/** Throws when another request has deleted the group meanwhile: asked again in every transaction that writes. */
export async function rulesOfGroup(db: Kysely<Schema>, group: GroupRow): Promise<readonly RuleRow[]> {
  const still = await db
    .selectFrom('security_groups')
    .select('group_id')
    .where('group_id', '=', group.group_id)
    .executeTakeFirst();
  if (still === undefined) throw notFound('securityGroup', group.group_id);
  return await db
    .selectFrom('security_group_rules')
    .selectAll()
    .where('group_id', '=', group.group_id)
    .execute();
}
