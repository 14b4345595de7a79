/**
 * What security groups mean here: a rule opens a port on the instance's public address when its source covers
 * this host, which is the only neighbour an instance has. Ports are opened one by one, so a wide rule opens
 * the ports that people mean by it (docs/reference/network.md).
 */
import type { PortRule } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import type { InstanceRow } from '../instances/record.ts';
import { readTags } from '../tags/read-tags.ts';
import { covers, readCidr } from './cidr.ts';

interface Rule {
  readonly protocol: string;
  readonly from_port: number;
  readonly to_port: number;
  readonly cidr_ipv4: string | null;
}

export const widestRange = 100;
export const portsOfWideRules = [22, 80, 443, 3389, 8080, 8443, 8787, 8888] as const;
/** On an instance or its image: further ports that wide rules open, '5432,9000'. */
export const portsTag = 'ingot:ports';

export async function wantedPorts(
  cloud: Pick<Cloud, 'db' | 'hostAddresses'>,
  instance: Pick<InstanceRow, 'instance_id' | 'image_id' | 'security_groups'>,
): Promise<readonly PortRule[]> {
  const groups = JSON.parse(instance.security_groups) as string[];
  if (groups.length === 0) return [];
  const rules = await cloud.db.read
    .selectFrom('security_group_rules')
    .select(['protocol', 'from_port', 'to_port', 'cidr_ipv4'])
    .where('group_id', 'in', groups)
    .where('is_egress', '=', 0)
    .execute();
  const tags = await readTags(cloud.db.read, [instance.instance_id, instance.image_id]);
  const named = [...tags.values()].flat().filter((tag) => tag.Key === portsTag);
  return portRules(rules, {
    hostAddresses: cloud.hostAddresses(),
    morePorts: named.flatMap((tag) => readPorts(tag.Value ?? '')),
  });
}

/** The port rules of ingress rules, without repeats, in order. */
export function portRules(
  rules: readonly Rule[],
  here: { readonly hostAddresses: readonly string[]; readonly morePorts?: readonly number[] },
): readonly PortRule[] {
  const wide = [...new Set([...portsOfWideRules, ...(here.morePorts ?? [])])];
  const opened = rules
    .filter((rule) => coversHost(rule, here.hostAddresses))
    .flatMap((rule) => expand(rule, wide));
  const byText = new Map(opened.map((rule) => [`${rule.protocol}:${rule.fromPort}-${rule.toPort}`, rule]));
  return [...byText.values()].sort(
    (a, b) => a.protocol.localeCompare(b.protocol) || a.fromPort - b.fromPort || a.toPort - b.toPort,
  );
}

function expand(rule: Rule, portsOfWide: readonly number[]): readonly PortRule[] {
  const all = rule.protocol === '-1';
  const protocol = all ? 'tcp' : rule.protocol;
  if (protocol !== 'tcp' && protocol !== 'udp') return [];
  // Nothing listens on port 0; a rule may begin there.
  const fromPort = all ? 1 : Math.max(1, rule.from_port);
  const toPort = all ? 65_535 : rule.to_port;
  if (toPort - fromPort < widestRange) return toPort < fromPort ? [] : [{ protocol, fromPort, toPort }];
  return portsOfWide
    .filter((port) => port >= fromPort && port <= toPort)
    .map((port) => ({ protocol, fromPort: port, toPort: port }));
}

/** This host reaches instances from 127.0.0.1; a rule for one of its own addresses means it too. */
function coversHost({ cidr_ipv4: text }: Rule, addresses: readonly string[]): boolean {
  const cidr = readCidr(text ?? '');
  return cidr !== undefined && addresses.some((address) => covers(cidr, address));
}

function readPorts(text: string): readonly number[] {
  return text
    .split(',')
    .map((part) => Number(part.trim()))
    .filter((port) => Number.isInteger(port) && port >= 1 && port <= 65_535);
}
