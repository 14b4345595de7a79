import type {
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult,
  SecurityGroupRuleRequest,
  SecurityGroupRuleUpdate,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../../ec2/dry-run.ts';
import { invalidParameterValue, missingParameter } from '../../../ec2/request-faults.ts';
import { checkIds, notFound } from '../../../ec2/resource-faults.ts';
import { permissionTaken } from '../../../ec2/state-faults.ts';
import type { Caller } from '../../../ec2/types.ts';
import type { Cloud } from '../../cloud.ts';
import { findGroup, rulesOfGroup } from './find-group.ts';
import { markGroupChanged, openPortsNow } from './open-ports-now.ts';
import { canonicalCidr, checkedDescription, noPrefixList } from './permissions.ts';
import { protocolPorts } from './protocol-ports.ts';
import { type RuleColumns, type RuleRow, ruleKey, ruleWords } from './record.ts';

/** Each rule keeps its id, direction and tags, and says something else. All change or none. */
export async function modifySecurityGroupRules(
  cloud: Cloud,
  input: ModifySecurityGroupRulesRequest,
  caller: Caller,
): Promise<ModifySecurityGroupRulesResult> {
  const group = await findGroup(cloud, caller, { GroupId: input.GroupId });
  const updates = input.SecurityGroupRules ?? [];
  if (updates.length === 0) throw missingParameter('SecurityGroupRules');
  const wanted = new Map<string, RuleColumns>();
  for (const update of updates) {
    const ruleId = checkedRuleId(update);
    if (wanted.has(ruleId)) throw invalidParameterValue(`The rule ${ruleId} is given more than once`);
    wanted.set(ruleId, await columnsOf(cloud, caller, update.SecurityGroupRule));
  }
  changed(await rulesOfGroup(cloud.db.read, group), wanted);
  endDryRun(input);

  const instanceIds = await cloud.db.write(async (tx) => {
    const rules = changed(await rulesOfGroup(tx, group), wanted).filter((rule) => wanted.has(rule.rule_id));
    for (const { rule_id: ruleId, ...rule } of rules) {
      await tx.updateTable('security_group_rules').set(rule).where('rule_id', '=', ruleId).execute();
    }
    return rules.some((rule) => rule.is_egress === 0) ? await markGroupChanged(tx, group.group_id) : [];
  });
  await openPortsNow(cloud, instanceIds);
  return { Return: true };
}

function checkedRuleId({ SecurityGroupRuleId: ruleId }: SecurityGroupRuleUpdate): string {
  if (ruleId === undefined) throw missingParameter('SecurityGroupRuleId');
  checkIds('securityGroupRule', [ruleId]);
  return ruleId;
}

/** The group's rules as they will be. Throws for rules that are not the group's, and for two that become one. */
function changed(known: readonly RuleRow[], wanted: ReadonlyMap<string, RuleColumns>): readonly RuleRow[] {
  const missing = [...wanted.keys()].filter((id) => known.every((rule) => rule.rule_id !== id));
  if (missing.length > 0) throw notFound('securityGroupRule', missing);
  const rules = known.map((rule) => ({ ...rule, ...wanted.get(rule.rule_id) }));
  const seen = new Set<string>();
  for (const rule of rules) {
    const key = `${rule.is_egress} ${ruleKey(rule)}`;
    if (seen.has(key)) throw permissionTaken(ruleWords(rule));
    seen.add(key);
  }
  return rules;
}

async function columnsOf(
  cloud: Cloud,
  caller: Caller,
  rule: SecurityGroupRuleRequest | undefined,
): Promise<RuleColumns> {
  if (rule === undefined) throw missingParameter('SecurityGroupRule');
  if (rule.PrefixListId !== undefined) throw noPrefixList(rule.PrefixListId);
  const sources = [rule.CidrIpv4, rule.CidrIpv6, rule.ReferencedGroupId].filter((one) => one !== undefined);
  if (sources.length !== 1) {
    throw invalidParameterValue(
      'A rule has exactly one of CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId',
    );
  }
  const { CidrIpv4: ipv4, CidrIpv6: ipv6, ReferencedGroupId: groupId } = rule;
  return {
    ...protocolPorts(rule),
    cidr_ipv4: ipv4 === undefined ? null : canonicalCidr(ipv4, 4),
    cidr_ipv6: ipv6 === undefined ? null : canonicalCidr(ipv6, 6),
    prefix_list_id: null,
    source_group_id:
      groupId === undefined ? null : (await findGroup(cloud, caller, { GroupId: groupId })).group_id,
    description: checkedDescription(rule.Description),
  };
}
