/** One snapshot as a disk that can be read at any offset: from its copy at once, from the store when it must. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../platform/log.ts';
import { isVaultError, VaultError } from '../errors.ts';
import type { Digest } from '../format/digest.ts';
import type { OpenSnapshot } from '../read/open-snapshot.ts';
import type { BlockFetcher } from './block-fetcher.ts';
import type { LocalCopy } from './local-copy.ts';

export interface DiskExport {
  readonly name: string;
  readonly sizeBytes: number;
  /** Fills `into` where everything is at hand; false where `readLater` must be asked. */
  readNow(offset: number, into: Buffer): boolean;
  readLater(offset: number, into: Buffer): Promise<void>;
  /** Stretches of the range, in order, neighbours joined. */
  status(
    offset: number,
    length: number,
  ): Promise<readonly { readonly length: number; readonly hole: boolean }[]>;
  /** Blocks in the order in which they were first asked for. */
  touched(): readonly number[];
}

const longestRecord = 65_536;
/** A guest takes a failed read for a broken disk, and waits for one that is slow. */
const patienceMs = 600_000;
const askAgainMs = 1_000;

export function diskExport(
  name: string,
  snapshot: OpenSnapshot,
  copy: LocalCopy,
  fetcher: BlockFetcher,
  log: Log,
): DiskExport {
  const { snapshotId, sizeBytes, blockBytes, leafEntries } = snapshot.manifest;
  const touched = new Set<number>();

  /** Undefined for a hole; 'unknown' while the leaf is not in memory. */
  function digestAtHand(block: number): Digest | undefined | 'unknown' {
    const leaf = snapshot.leafAtHand(Math.floor(block / leafEntries));
    return leaf === 'unknown' ? 'unknown' : leaf?.[block % leafEntries];
  }

  function note(block: number): void {
    if (touched.size < longestRecord) touched.add(block);
  }

  /** Calls `use` for the part of every block that the range covers; stops at the first false. */
  function everyPart(
    offset: number,
    into: Buffer,
    use: (block: number, from: number, part: Buffer) => boolean,
  ): boolean {
    for (let filled = 0; filled < into.length; ) {
      const at = offset + filled;
      const from = at % blockBytes;
      const length = Math.min(into.length - filled, blockBytes - from);
      if (!use(Math.floor(at / blockBytes), from, into.subarray(filled, filled + length))) return false;
      filled += length;
    }
    return true;
  }

  async function fill(block: number, from: number, part: Buffer): Promise<void> {
    const digest = await snapshot.digestOf(block);
    if (digest === undefined) {
      part.fill(0);
      return;
    }
    note(block);
    await copy.locate(block);
    if (copy.read(block, from, part)) return;
    const content = await patiently(() => fetcher.fetch(digest, 'demand', `block ${block} of ${snapshotId}`));
    content.copy(part, 0, from, from + part.length);
    // The guest does not wait for it to be kept; one that can't be is fetched again.
    void copy.add(block, content).catch((error: unknown) => {
      log.warn({ error, block, snapshotId }, 'vault block could not be kept');
    });
  }

  return {
    name,
    sizeBytes,
    readNow: (offset, into) =>
      everyPart(offset, into, (block, from, part) => {
        const digest = digestAtHand(block);
        if (digest === undefined) part.fill(0);
        else if (digest === 'unknown' || !copy.read(block, from, part)) return false;
        else note(block);
        return true;
      }),
    async readLater(offset, into) {
      const parts: Promise<void>[] = [];
      everyPart(offset, into, (block, from, part) => parts.push(fill(block, from, part)) > 0);
      const failed = (await Promise.allSettled(parts)).find((part) => part.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
    async status(offset, length) {
      if (offset + length > sizeBytes)
        throw new VaultError('bad-request', `${snapshotId} has only ${sizeBytes} bytes`);
      const stretches: { length: number; hole: boolean }[] = [];
      for (let at = offset; at < offset + length; ) {
        const block = Math.floor(at / blockBytes);
        const hole = (await snapshot.digestOf(block)) === undefined;
        const emptyLeaf = hole && snapshot.leafAtHand(Math.floor(block / leafEntries)) === undefined;
        const step = emptyLeaf ? blockBytes * leafEntries : blockBytes;
        const end = Math.min(at - (at % step) + step, offset + length);
        const last = stretches.at(-1);
        if (last?.hole === hole) last.length += end - at;
        else stretches.push({ length: end - at, hole });
        at = end;
      }
      return stretches;
    },
    touched: () => [...touched],
  };
}

/** Asks again while the store itself fails; what it says of a block, damaged or missing, is final. */
async function patiently<T>(fetch: () => Promise<T>): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return await fetch();
    } catch (error) {
      if (!isVaultError(error, 'store-failed') || performance.now() >= end) throw error;
      await pause(askAgainMs, undefined, { ref: false });
    }
  }
}
