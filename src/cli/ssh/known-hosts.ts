/**
 * Host keys by instance id, pinned at the first contact: `known_hosts` in the home, a line each. Addresses are
 * used again by other machines; ids never are.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '../../platform/files.ts';

export type HostCheck = 'known' | 'new' | 'changed';

export interface KnownHosts {
  check(instanceId: string, hostKey: Buffer): HostCheck;
  pin(instanceId: string, hostKey: Buffer): Promise<void>;
}

export async function readKnownHosts(home: string): Promise<KnownHosts> {
  const file = knownHostsFile(home);
  const pins = parse(await readIfPresent(file));
  return {
    check(instanceId, hostKey) {
      const pinned = pins.get(instanceId);
      if (pinned === undefined) return 'new';
      return pinned === hostKey.toString('base64') ? 'known' : 'changed';
    },
    async pin(instanceId, hostKey) {
      // Read again: another command may have pinned its own meanwhile.
      const all = parse(await readIfPresent(file)).set(instanceId, hostKey.toString('base64'));
      await writeDurably(file, [...all].map(([id, key]) => `${id} ${key}\n`).join(''), { mode: 0o600 });
    },
  };
}

export function knownHostsFile(home: string): string {
  return join(home, 'known_hosts');
}

/** As ssh shows it. */
export function fingerprint(hostKey: Buffer): string {
  return `SHA256:${createHash('sha256').update(hostKey).digest('base64').replace(/=+$/, '')}`;
}

function parse(text = ''): Map<string, string> {
  const pairs = text.split('\n').map((line) => line.split(' '));
  return new Map(
    pairs.flatMap(([id, key]) => (id !== undefined && key !== undefined ? [[id, key] as const] : [])),
  );
}
