/** The protocol and the ports of a permission, checked and in one spelling. */
import type { IpPermission } from '@aws-sdk/client-ec2';
import { invalidParameterValue, missingParameter } from '../../../ec2/request-faults.ts';
import type { RuleColumns } from './record.ts';

const names: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' };

export function protocolPorts(
  permission: Pick<IpPermission, 'IpProtocol' | 'FromPort' | 'ToPort'>,
): Pick<RuleColumns, 'protocol' | 'from_port' | 'to_port'> {
  const protocol = protocolName(permission.IpProtocol);
  const { FromPort: from, ToPort: to } = permission;
  switch (protocol) {
    case 'tcp':
    case 'udp':
      return { protocol, ...portRange(from, to) };
    case 'icmp':
    case 'icmpv6':
      return { protocol, from_port: icmpNumber(from, 'type'), to_port: icmpNumber(to, 'code') };
    default:
      // Other protocols have no ports: EC2 takes the numbers and forgets them.
      return { protocol, from_port: -1, to_port: -1 };
  }
}

function protocolName(given: string | undefined): string {
  if (given === undefined || given === '') throw missingParameter('ipProtocol');
  const lower = given.toLowerCase();
  const name = names[lower] ?? (lower === 'all' ? '-1' : lower);
  if (['tcp', 'udp', 'icmp', 'icmpv6', '-1'].includes(name)) return name;
  if (/^\d{1,3}$/.test(name) && Number(name) <= 255) return String(Number(name));
  throw invalidParameterValue(
    `Invalid value '${given}' for IP protocol. Unknown protocol. Allowed: tcp, udp, icmp, icmpv6, -1 (all), or a number from 0 to 255.`,
  );
}

function portRange(from: number | undefined, to: number | undefined) {
  if (from === undefined || to === undefined) {
    throw invalidParameterValue(
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    );
  }
  const wrong = [from, to].find((port) => !Number.isInteger(port) || port < 0 || port > 65_535);
  if (wrong !== undefined) throw invalidParameterValue(`TCP/UDP port (${wrong}) out of range`);
  if (from > to) throw invalidParameterValue(`Invalid TCP/UDP port range (${from}:${to})`);
  return { from_port: from, to_port: to };
}

function icmpNumber(value: number | undefined, part: string): number {
  const number = value ?? -1;
  if (Number.isInteger(number) && number >= -1 && number <= 255) return number;
  throw invalidParameterValue(`ICMP ${part} (${number}) out of range`);
}
