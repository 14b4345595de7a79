/** A security group and its rules. A rule is one source: what EC2 calls a permission may be several. */
import type { Selectable } from 'kysely';
import type { SecurityGroupRuleTable, SecurityGroupTable } from '../table.ts';

export type GroupRow = Selectable<SecurityGroupTable>;
export type RuleRow = Selectable<SecurityGroupRuleTable>;

/** What a rule says, without whose it is. */
export type RuleColumns = Pick<
  RuleRow,
  | 'protocol'
  | 'from_port'
  | 'to_port'
  | 'cidr_ipv4'
  | 'cidr_ipv6'
  | 'prefix_list_id'
  | 'source_group_id'
  | 'description'
>;

export type Direction = 'ingress' | 'egress';

/** In each direction of a group (EC2's default quota). */
export const maxRules = 60;

/** Two rules with one key are one rule; the description is no part of it. */
export function ruleKey(rule: RuleColumns): string {
  return [rule.protocol, rule.from_port, rule.to_port, sourceOf(rule)].join(' ');
}

export function sourceOf(rule: RuleColumns): string {
  return rule.cidr_ipv4 ?? rule.cidr_ipv6 ?? rule.prefix_list_id ?? rule.source_group_id ?? '';
}

/** As EC2 names a rule in messages: 'peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW'. */
export function ruleWords(rule: RuleColumns): string {
  const peer = `peer: ${sourceOf(rule)}`;
  if (rule.protocol === '-1') return `${peer}, ALL, ALLOW`;
  const protocol = rule.protocol.toUpperCase();
  if (rule.protocol === 'icmp' || rule.protocol === 'icmpv6') {
    return `${peer}, ${protocol}, type: ${rule.from_port}, code: ${rule.to_port}, ALLOW`;
  }
  return `${peer}, ${protocol}, from port: ${rule.from_port}, to port: ${rule.to_port}, ALLOW`;
}

/** Whether its numbers are ports or ICMP types; of other protocols they say nothing. */
export function hasPorts({ protocol }: Pick<RuleColumns, 'protocol'>): boolean {
  return ['tcp', 'udp', 'icmp', 'icmpv6'].includes(protocol);
}
