import type { DeleteSecurityGroupRequest, DeleteSecurityGroupResult } from '@aws-sdk/client-ec2';
import { sql, type Transaction } from 'kysely';
import { endDryRun } from '../../../ec2/dry-run.ts';
import { Ec2Fault } from '../../../ec2/faults.ts';
import { dependencyViolation } from '../../../ec2/state-faults.ts';
import type { Caller } from '../../../ec2/types.ts';
import type { Cloud } from '../../cloud.ts';
import type { Schema } from '../../schema.ts';
import { deleteTagsOf } from '../../tags/delete-tags-of.ts';
import { findGroup, rulesOfGroup } from './find-group.ts';

export async function deleteSecurityGroup(
  cloud: Cloud,
  input: DeleteSecurityGroupRequest,
  caller: Caller,
): Promise<DeleteSecurityGroupResult> {
  const group = await findGroup(cloud, caller, input);
  if (group.group_name === 'default') {
    throw new Ec2Fault(
      'CannotDelete',
      `the specified group: "${group.group_id}" name: "default" cannot be deleted by a user`,
    );
  }
  await checkUnused(cloud.db.read, group.group_id);
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const rules = await rulesOfGroup(tx, group);
    await checkUnused(tx, group.group_id);
    await deleteTagsOf(tx, [group.group_id, ...rules.map((rule) => rule.rule_id)]);
    await tx.deleteFrom('security_group_rules').where('group_id', '=', group.group_id).execute();
    await tx.deleteFrom('security_groups').where('group_id', '=', group.group_id).execute();
  });
  return { Return: true, GroupId: group.group_id };
}

/** An instance uses it until it is terminated; a rule of another group, until that is revoked. */
async function checkUnused(db: Cloud['db']['read'] | Transaction<Schema>, groupId: string): Promise<void> {
  const instance = await db
    .selectFrom('instances')
    .select('instance_id')
    .where('state', '!=', 'terminated')
    .where(sql<string>`security_groups`, 'like', `%"${groupId}"%`)
    .executeTakeFirst();
  const rule = await db
    .selectFrom('security_group_rules')
    .select('rule_id')
    .where('source_group_id', '=', groupId)
    .where('group_id', '!=', groupId)
    .executeTakeFirst();
  if (instance !== undefined || rule !== undefined) throw dependencyViolation(groupId);
}
