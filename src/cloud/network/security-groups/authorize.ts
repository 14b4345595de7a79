/** AuthorizeSecurityGroupIngress and -Egress: all rules or none, open when the call answers. */
import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
} from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../../ec2/dry-run.ts';
import { Ec2Fault } from '../../../ec2/faults.ts';
import { permissionTaken } from '../../../ec2/state-faults.ts';
import type { Caller } from '../../../ec2/types.ts';
import { newId } from '../../../platform/ids.ts';
import type { Cloud } from '../../cloud.ts';
import type { Schema } from '../../schema.ts';
import { type CheckedTag, insertTags, requestedTags } from '../../tags/tag-specifications.ts';
import { findGroup, rulesOfGroup } from './find-group.ts';
import { markGroupChanged, openPortsNow } from './open-ports-now.ts';
import { readPermissions } from './permissions.ts';
import {
  type Direction,
  type GroupRow,
  maxRules,
  type RuleColumns,
  type RuleRow,
  ruleKey,
  ruleWords,
} from './record.ts';
import { toSecurityGroupRule } from './to-security-group.ts';

export async function authorizeSecurityGroupIngress(
  cloud: Cloud,
  input: AuthorizeSecurityGroupIngressRequest,
  caller: Caller,
): Promise<AuthorizeSecurityGroupIngressResult> {
  return await authorize(cloud, input, caller, 'ingress');
}

export async function authorizeSecurityGroupEgress(
  cloud: Cloud,
  input: AuthorizeSecurityGroupEgressRequest,
  caller: Caller,
): Promise<AuthorizeSecurityGroupEgressResult> {
  return await authorize(cloud, input, caller, 'egress');
}

async function authorize(
  cloud: Cloud,
  input: AuthorizeSecurityGroupIngressRequest | AuthorizeSecurityGroupEgressRequest,
  caller: Caller,
  direction: Direction,
): Promise<AuthorizeSecurityGroupIngressResult> {
  const group = await findGroup(cloud, caller, input);
  const rules = await readPermissions(cloud, caller, input);
  const type = 'security-group-rule';
  const tags = requestedTags(input.TagSpecifications, [type]).get(type) ?? [];
  checkFit(await rulesOfGroup(cloud.db.read, group), rules, direction);
  endDryRun(input);

  const { made, instanceIds } = await cloud.db.write(async (tx) => {
    checkFit(await rulesOfGroup(tx, group), rules, direction);
    return {
      made: await insertRules(tx, group, rules, direction, tags),
      instanceIds: direction === 'ingress' ? await markGroupChanged(tx, group.group_id) : [],
    };
  });
  await openPortsNow(cloud, instanceIds);
  return { Return: true, SecurityGroupRules: made.map((rule) => toSecurityGroupRule(rule, tags)) };
}

/** Throws InvalidPermission.Duplicate for a rule that is there, and for more rules than a group may have. */
function checkFit(known: readonly RuleRow[], rules: readonly RuleColumns[], direction: Direction): void {
  const mine = known.filter((rule) => rule.is_egress === (direction === 'egress' ? 1 : 0));
  const keys = new Set(mine.map(ruleKey));
  const repeated = rules.find((rule) => keys.has(ruleKey(rule)));
  if (repeated !== undefined) throw permissionTaken(ruleWords(repeated));
  if (mine.length + rules.length > maxRules) {
    throw new Ec2Fault(
      'RulesPerSecurityGroupLimitExceeded',
      `The maximum number of rules per security group has been reached: ${maxRules} in each direction.`,
    );
  }
}

async function insertRules(
  tx: Transaction<Schema>,
  group: GroupRow,
  rules: readonly RuleColumns[],
  direction: Direction,
  tags: readonly CheckedTag[],
): Promise<readonly RuleRow[]> {
  const rows = rules.map((rule) => ({
    ...rule,
    rule_id: newId('sgr'),
    group_id: group.group_id,
    region: group.region,
    owner_id: group.owner_id,
    is_egress: direction === 'egress' ? 1 : 0,
  }));
  await tx.insertInto('security_group_rules').values(rows).execute();
  const place = { type: 'security-group-rule', region: group.region, ownerId: group.owner_id };
  for (const row of rows) await insertTags(tx, { id: row.rule_id, ...place }, tags);
  return rows;
}
