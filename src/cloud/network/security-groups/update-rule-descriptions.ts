/** UpdateSecurityGroupRuleDescriptionsIngress and -Egress: what rules are for, nothing else. */
import type {
  UpdateSecurityGroupRuleDescriptionsEgressRequest,
  UpdateSecurityGroupRuleDescriptionsEgressResult,
  UpdateSecurityGroupRuleDescriptionsIngressRequest,
  UpdateSecurityGroupRuleDescriptionsIngressResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../../ec2/dry-run.ts';
import { missingParameter } from '../../../ec2/request-faults.ts';
import { checkIds, notFound } from '../../../ec2/resource-faults.ts';
import { permissionNotFound } from '../../../ec2/state-faults.ts';
import type { Caller } from '../../../ec2/types.ts';
import type { Cloud } from '../../cloud.ts';
import { findGroup, rulesOfGroup } from './find-group.ts';
import { checkedDescription, readPermissions } from './permissions.ts';
import { type Direction, type RuleRow, ruleKey } from './record.ts';

type Input =
  | UpdateSecurityGroupRuleDescriptionsIngressRequest
  | UpdateSecurityGroupRuleDescriptionsEgressRequest;

export async function updateSecurityGroupRuleDescriptionsIngress(
  cloud: Cloud,
  input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
  caller: Caller,
): Promise<UpdateSecurityGroupRuleDescriptionsIngressResult> {
  return await update(cloud, input, caller, 'ingress');
}

export async function updateSecurityGroupRuleDescriptionsEgress(
  cloud: Cloud,
  input: UpdateSecurityGroupRuleDescriptionsEgressRequest,
  caller: Caller,
): Promise<UpdateSecurityGroupRuleDescriptionsEgressResult> {
  return await update(cloud, input, caller, 'egress');
}

async function update(
  cloud: Cloud,
  input: Input,
  caller: Caller,
  direction: Direction,
): Promise<UpdateSecurityGroupRuleDescriptionsIngressResult> {
  const group = await findGroup(cloud, caller, input);
  const match = await matcher(cloud, input, caller);
  const changes = (known: readonly RuleRow[]) =>
    match(known.filter((rule) => rule.is_egress === (direction === 'egress' ? 1 : 0)));
  changes(await rulesOfGroup(cloud.db.read, group));
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    for (const [ruleId, description] of changes(await rulesOfGroup(tx, group))) {
      await tx
        .updateTable('security_group_rules')
        .set({ description })
        .where('rule_id', '=', ruleId)
        .execute();
    }
  });
  return { Return: true };
}

type Descriptions = readonly (readonly [ruleId: string, description: string | null])[];

/** By what the rules say, or by their ids. */
async function matcher(
  cloud: Cloud,
  input: Input,
  caller: Caller,
): Promise<(known: readonly RuleRow[]) => Descriptions> {
  const { IpPermissions: permissions, SecurityGroupRuleDescriptions: byId } = input;
  if (permissions !== undefined && permissions.length > 0) {
    const wanted = await readPermissions(cloud, caller, { IpPermissions: permissions });
    return (known) =>
      wanted.map((rule) => {
        const same = known.find((candidate) => ruleKey(candidate) === ruleKey(rule));
        if (same === undefined) throw permissionNotFound();
        return [same.rule_id, rule.description ?? null];
      });
  }
  if (byId === undefined || byId.length === 0) {
    throw missingParameter('ipPermissions or securityGroupRuleDescriptions');
  }
  const wanted = byId.map((one) => {
    checkIds('securityGroupRule', [one.SecurityGroupRuleId ?? '']);
    return [one.SecurityGroupRuleId ?? '', checkedDescription(one.Description)] as const;
  });
  return (known) => {
    const missing = wanted.map(([id]) => id).filter((id) => known.every((rule) => rule.rule_id !== id));
    if (missing.length > 0) throw notFound('securityGroupRule', missing);
    return wanted;
  };
}
