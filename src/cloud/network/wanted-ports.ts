/**
 * What security groups mean here: a rule opens a port on the instance's public address when its source covers
 * this host, which is the only neighbour an instance has. Ports are opened one by one, so a wide rule opens
 * the ports that people mean by it (docs/reference/network.md).
 */
import type { PortRule } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import type { InstanceRow } from '../instances/record.ts';

type Rule = {
  readonly protocol: string;
  readonly from_port: number;
  readonly to_port: number;
  readonly cidr_ipv4: string | null;
};

export const widestRange = 100;
export const portsOfWideRules = [22, 80, 443, 3389, 8080, 8443, 8787, 8888] as const;

export async function wantedPorts(
  cloud: Cloud,
  instance: Pick<InstanceRow, 'security_groups'>,
): Promise<readonly PortRule[]> {
  const groups = JSON.parse(instance.security_groups) as string[];
  if (groups.length === 0) return [];
  const rules = await cloud.db.read
    .selectFrom('security_group_rules')
    .select(['protocol', 'from_port', 'to_port', 'cidr_ipv4'])
    .where('group_id', 'in', groups)
    .where('is_egress', '=', 0)
    .execute();
  return portRules(rules);
}

/** The port rules of ingress rules, without repeats, in order. */
export function portRules(rules: readonly Rule[]): readonly PortRule[] {
  const opened = rules.filter(coversThisHost).flatMap(expand);
  const byText = new Map(opened.map((rule) => [`${rule.protocol}:${rule.fromPort}-${rule.toPort}`, rule]));
  return [...byText.values()].sort((a, b) => a.protocol.localeCompare(b.protocol) || a.fromPort - b.fromPort);
}

function expand(rule: Rule): readonly PortRule[] {
  const protocols = rule.protocol === '-1' ? (['tcp'] as const) : ([rule.protocol] as const);
  return protocols
    .filter((protocol) => protocol === 'tcp' || protocol === 'udp')
    .flatMap((protocol) => {
      const all = rule.protocol === '-1';
      if (!all && rule.to_port - rule.from_port < widestRange) {
        return [{ protocol, fromPort: rule.from_port, toPort: rule.to_port }];
      }
      return portsOfWideRules
        .filter((port) => all || (port >= rule.from_port && port <= rule.to_port))
        .map((port) => ({ protocol, fromPort: port, toPort: port }));
    });
}

/** This host reaches instances from 127.0.0.1. */
function coversThisHost(rule: Rule): boolean {
  if (rule.cidr_ipv4 === null) return false;
  const [address = '', bits = '32'] = rule.cidr_ipv4.split('/');
  const mask = bits === '0' ? 0 : (0xffffffff << (32 - Number(bits))) >>> 0;
  return (toNumber('127.0.0.1') & mask) >>> 0 === (toNumber(address) & mask) >>> 0;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
