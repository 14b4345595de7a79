/**
 * Failures that an ordinary request can ask for, so that a person can see them too: a line of user data
 * `ingot-simulate: start=no-capacity` makes that command of that machine fail, and a volume of 666 GiB finds
 * the disk full. `agent=silent` leaves the guest without an agent; `guest=shutdown` and `guest=crash` end the
 * machine once it has started. In a snapshot's description, `ingest=disk-full` or `copy=disk-full` makes the
 * transfer fail, `slow` makes it take ten asks, and `stuck` never lets it end.
 */
import { NodeError, type NodeErrorKind } from '../contract.ts';

export type Sentinels = ReadonlyMap<string, string>;

export const diskFullSizeBytes = 666 * 2 ** 30;

const kinds: ReadonlySet<string> = new Set<NodeErrorKind>([
  'no-capacity',
  'disk-full',
  'unknown-layer',
  'unknown-snapshot',
  'unknown-machine',
  'not-running',
  'freeze-failed',
  'unsupported',
  'internal',
]);

export function readSentinels(given: Uint8Array | string | undefined): Sentinels {
  const text = typeof given === 'string' ? given : new TextDecoder().decode(given);
  return new Map(
    [...text.matchAll(/ingot-simulate:\s*([a-z-]+)=([a-z-]+)/g)].map(([, command = '', what = '']) => [
      command,
      what,
    ]),
  );
}

export function failIfAsked(sentinels: Sentinels | undefined, command: string): void {
  const kind = sentinels?.get(command);
  if (kind !== undefined && kinds.has(kind)) {
    throw new NodeError(kind as NodeErrorKind, `simulated: ${command} fails with ${kind}`);
  }
}
