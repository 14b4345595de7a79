import { readFile } from 'node:fs/promises';

const bindServiceBit = 1n << 10n;

/**
 * The lowest port that a QEMU started by this process may bind. A capability of a user who is not root
 * reaches the programs he starts only when it is ambient.
 */
export async function lowestFreePort(): Promise<number> {
  const [status, first] = await Promise.all([
    readFile('/proc/self/status', 'utf8'),
    readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8').catch(() => '1024'),
  ]);
  return lowestPortFor({ status, unprivilegedStart: Number(first.trim()) });
}

export function lowestPortFor(host: { readonly status: string; readonly unprivilegedStart: number }): number {
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)(?:\\s+(\\S+))?`, 'm').exec(host.status);
  const effectiveUser = field('Uid')?.[2];
  const capabilities = BigInt(`0x${field(effectiveUser === '0' ? 'CapEff' : 'CapAmb')?.[1] ?? '0'}`);
  return (capabilities & bindServiceBit) === 0n ? host.unprivilegedStart : 0;
}
