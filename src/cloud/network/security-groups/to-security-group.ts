/** Rows of groups and rules as EC2 shows them. */
import type { IpPermission, SecurityGroup, SecurityGroupRule, Tag } from '@aws-sdk/client-ec2';
import type { Direction, GroupRow, RuleRow } from './record.ts';
import { hasPorts } from './record.ts';

export function toSecurityGroup(
  group: GroupRow,
  rules: readonly RuleRow[],
  tags: readonly Tag[],
): SecurityGroup {
  return {
    GroupId: group.group_id,
    GroupName: group.group_name,
    Description: group.description,
    OwnerId: group.owner_id,
    VpcId: group.vpc_id,
    SecurityGroupArn: `arn:aws:ec2:${group.region}:${group.owner_id}:security-group/${group.group_id}`,
    IpPermissions: toPermissions(rules, 'ingress'),
    IpPermissionsEgress: toPermissions(rules, 'egress'),
    Tags: [...tags],
  };
}

/** Rules of one protocol and range are one permission with several sources. */
export function toPermissions(rules: readonly RuleRow[], direction: Direction): IpPermission[] {
  const mine = rules.filter((rule) => rule.is_egress === (direction === 'egress' ? 1 : 0));
  const groups = Map.groupBy(mine, (rule) => `${rule.protocol} ${rule.from_port} ${rule.to_port}`);
  return [...groups.values()].map(toPermission);
}

function toPermission(rules: readonly RuleRow[]): IpPermission {
  const [first] = rules;
  if (first === undefined) return {};
  return {
    IpProtocol: first.protocol,
    ...(hasPorts(first) ? { FromPort: first.from_port, ToPort: first.to_port } : {}),
    IpRanges: rules.flatMap((rule) =>
      rule.cidr_ipv4 === null ? [] : [{ CidrIp: rule.cidr_ipv4, ...described(rule) }],
    ),
    Ipv6Ranges: rules.flatMap((rule) =>
      rule.cidr_ipv6 === null ? [] : [{ CidrIpv6: rule.cidr_ipv6, ...described(rule) }],
    ),
    PrefixListIds: rules.flatMap((rule) =>
      rule.prefix_list_id === null ? [] : [{ PrefixListId: rule.prefix_list_id, ...described(rule) }],
    ),
    UserIdGroupPairs: rules.flatMap((rule) =>
      rule.source_group_id === null
        ? []
        : [{ GroupId: rule.source_group_id, UserId: rule.owner_id, ...described(rule) }],
    ),
  };
}

export function toSecurityGroupRule(rule: RuleRow, tags: readonly Tag[]): SecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.rule_id,
    SecurityGroupRuleArn: `arn:aws:ec2:${rule.region}:${rule.owner_id}:security-group-rule/${rule.rule_id}`,
    GroupId: rule.group_id,
    GroupOwnerId: rule.owner_id,
    IsEgress: rule.is_egress === 1,
    IpProtocol: rule.protocol,
    FromPort: rule.from_port,
    ToPort: rule.to_port,
    ...(rule.cidr_ipv4 === null ? {} : { CidrIpv4: rule.cidr_ipv4 }),
    ...(rule.cidr_ipv6 === null ? {} : { CidrIpv6: rule.cidr_ipv6 }),
    ...(rule.prefix_list_id === null ? {} : { PrefixListId: rule.prefix_list_id }),
    ...(rule.source_group_id === null
      ? {}
      : { ReferencedGroupInfo: { GroupId: rule.source_group_id, UserId: rule.owner_id } }),
    ...described(rule),
    Tags: [...tags],
  };
}

function described(rule: RuleRow): { Description?: string } {
  return rule.description === null ? {} : { Description: rule.description };
}
