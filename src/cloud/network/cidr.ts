/** Address ranges of both families, as numbers: what security group rules and subnets are made of. */
import { isIPv4, isIPv6 } from 'node:net';

export interface Cidr {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly bits: number;
}

/** Undefined for what is no CIDR block; host bits are cleared, as EC2 does with rules. */
export function readCidr(text: string): Cidr | undefined {
  const [address = '', bitsText = '', ...more] = text.split('/');
  if (more.length > 0 || !/^\d{1,3}$/.test(bitsText)) return undefined;
  const bits = Number(bitsText);
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes('%') ? 6 : undefined;
  if (family === undefined || bits > widths[family]) return undefined;
  return { family, first: cleared(addressNumber(address), bits, family), bits };
}

export function cidrText({ family, first, bits }: Cidr): string {
  return `${family === 4 ? ipv4Text(first) : ipv6Text(first)}/${bits}`;
}

export function covers(cidr: Cidr, address: string): boolean {
  const family = isIPv4(address) ? 4 : isIPv6(address) ? 6 : undefined;
  return family === cidr.family && cleared(addressNumber(address), cidr.bits, cidr.family) === cidr.first;
}

const widths = { 4: 32, 6: 128 } as const;

function cleared(value: bigint, bits: number, family: 4 | 6): bigint {
  const host = BigInt(widths[family] - bits);
  return (value >> host) << host;
}

function addressNumber(address: string): bigint {
  return isIPv4(address) ? joined(address.split('.'), 8n, 10) : joined(ipv6Groups(address), 16n, 16);
}

function joined(parts: readonly string[], width: bigint, radix: number): bigint {
  return parts.reduce((sum, part) => (sum << width) | BigInt(Number.parseInt(part, radix)), 0n);
}

/** Eight groups; '::' filled up, an IPv4 tail in hex. */
function ipv6Groups(address: string): readonly string[] {
  const tail = /(?:^|:)(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  const plain = tail === undefined ? address : address.slice(0, -tail.length) + hexTail(tail);
  const [left = '', right] = plain.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  if (right === undefined) return groups(left);
  const fill = 8 - groups(left).length - groups(right).length;
  return [...groups(left), ...Array<string>(fill).fill('0'), ...groups(right)];
}

function hexTail(ipv4: string): string {
  const value = joined(ipv4.split('.'), 8n, 10);
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

function ipv4Text(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

/** The URL parser writes an IPv6 address in its shortest form. */
function ipv6Text(value: bigint): string {
  const hex = value.toString(16).padStart(32, '0');
  const long = (hex.match(/.{4}/g) ?? []).join(':');
  return new URL(`http://[${long}]/`).hostname.slice(1, -1);
}
