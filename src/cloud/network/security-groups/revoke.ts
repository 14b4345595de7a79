/** RevokeSecurityGroupIngress and -Egress: by rule ids or by what the rules say; all or none. */
import type {
  RevokedSecurityGroupRule,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../../ec2/dry-run.ts';
import { notTogether } from '../../../ec2/request-faults.ts';
import { checkIds, notFound } from '../../../ec2/resource-faults.ts';
import { permissionNotFound } from '../../../ec2/state-faults.ts';
import type { Caller } from '../../../ec2/types.ts';
import type { Cloud } from '../../cloud.ts';
import { deleteTagsOf } from '../../tags/delete-tags-of.ts';
import { findGroup, rulesOfGroup } from './find-group.ts';
import { markGroupChanged, openPortsNow } from './open-ports-now.ts';
import { readPermissions } from './permissions.ts';
import { type Direction, type RuleColumns, type RuleRow, ruleKey } from './record.ts';

type RevokeInput = RevokeSecurityGroupIngressRequest | RevokeSecurityGroupEgressRequest;

export async function revokeSecurityGroupIngress(
  cloud: Cloud,
  input: RevokeSecurityGroupIngressRequest,
  caller: Caller,
): Promise<RevokeSecurityGroupIngressResult> {
  return await revoke(cloud, input, caller, 'ingress');
}

export async function revokeSecurityGroupEgress(
  cloud: Cloud,
  input: RevokeSecurityGroupEgressRequest,
  caller: Caller,
): Promise<RevokeSecurityGroupEgressResult> {
  return await revoke(cloud, input, caller, 'egress');
}

async function revoke(
  cloud: Cloud,
  input: RevokeInput,
  caller: Caller,
  direction: Direction,
): Promise<RevokeSecurityGroupIngressResult> {
  const group = await findGroup(cloud, caller, input);
  const choose = await chooser(cloud, input, caller);
  const rulesOf = (known: readonly RuleRow[]) =>
    choose(known.filter((rule) => rule.is_egress === (direction === 'egress' ? 1 : 0)));
  rulesOf(await rulesOfGroup(cloud.db.read, group));
  endDryRun(input);

  const { revoked, instanceIds } = await cloud.db.write(async (tx) => {
    const doomed = rulesOf(await rulesOfGroup(tx, group));
    const ids = doomed.map((rule) => rule.rule_id);
    await tx.deleteFrom('security_group_rules').where('rule_id', 'in', ids).execute();
    await deleteTagsOf(tx, ids);
    return {
      revoked: doomed,
      instanceIds: direction === 'ingress' ? await markGroupChanged(tx, group.group_id) : [],
    };
  });
  await openPortsNow(cloud, instanceIds);
  return { Return: true, RevokedSecurityGroupRules: revoked.map(toRevoked) };
}

type Choose = (known: readonly RuleRow[]) => RuleRow[];

async function chooser(cloud: Cloud, input: RevokeInput, caller: Caller): Promise<Choose> {
  const { SecurityGroupRuleIds: ids } = input;
  if (ids === undefined || ids.length === 0) {
    const rules = await readPermissions(cloud, caller, input);
    return (known) => rules.map((rule) => same(known, rule));
  }
  if (input.IpPermissions?.length) throw notTogether('securityGroupRuleIds', 'ipPermissions');
  checkIds('securityGroupRule', ids);
  return (known) => {
    const missing = ids.filter((id) => known.every((rule) => rule.rule_id !== id));
    if (missing.length > 0) throw notFound('securityGroupRule', missing);
    return known.filter((rule) => ids.includes(rule.rule_id));
  };
}

function same(known: readonly RuleRow[], wanted: RuleColumns): RuleRow {
  const rule = known.find((candidate) => ruleKey(candidate) === ruleKey(wanted));
  if (rule === undefined) throw permissionNotFound();
  return rule;
}

function toRevoked(rule: RuleRow): RevokedSecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.rule_id,
    GroupId: rule.group_id,
    IsEgress: rule.is_egress === 1,
    IpProtocol: rule.protocol,
    FromPort: rule.from_port,
    ToPort: rule.to_port,
    ...(rule.cidr_ipv4 === null ? {} : { CidrIpv4: rule.cidr_ipv4 }),
    ...(rule.cidr_ipv6 === null ? {} : { CidrIpv6: rule.cidr_ipv6 }),
    ...(rule.source_group_id === null ? {} : { ReferencedGroupId: rule.source_group_id }),
    ...(rule.description === null ? {} : { Description: rule.description }),
  };
}
