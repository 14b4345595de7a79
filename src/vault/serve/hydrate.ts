/**
 * Brings a snapshot's blocks here before anybody asks: what the last boots touched at once, the rest at a set rate. A
 * store that fails is asked again: the copy ends only when it is complete, or when it is stopped.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../platform/log.ts';
import { type BlockEntry, listBlocks } from '../read/list-blocks.ts';
import type { OpenSnapshot } from '../read/open-snapshot.ts';
import { inParallel } from '../work/in-parallel.ts';
import type { BlockFetcher, Urgency } from './block-fetcher.ts';
import type { LocalCopy } from './local-copy.ts';

export interface HydrateRequest {
  readonly snapshot: OpenSnapshot;
  readonly copy: LocalCopy;
  readonly fetcher: BlockFetcher;
  /** In the order of the boot trace. */
  readonly first: readonly number[];
  /** Of unpacked blocks, for what comes after the trace; 0 brings only the trace. */
  readonly bytesPerSecond: number;
  readonly onProgress?: (progress: HydrateProgress) => void;
  readonly signal: AbortSignal;
  readonly log: Log;
}

export interface HydrateProgress {
  /** Of the snapshot's stored blocks, those that are here. */
  readonly blocksHere: number;
  readonly blocksTotal: number;
}

/** On their way at once. */
const width = { prefetch: 12, hydrate: 4 } as const;
const pauseAfterFailureMs = 5_000;

/** Whether the copy has every block. */
export async function hydrate(request: HydrateRequest): Promise<boolean> {
  const { snapshot, copy, bytesPerSecond, signal, log } = request;
  while (!signal.aborted) {
    try {
      await bringAll(request);
      if (copy.blocksHere === copy.blocksTotal || bytesPerSecond === 0) break;
    } catch (error) {
      if (signal.aborted) break;
      log.warn({ error, snapshotId: snapshot.manifest.snapshotId }, 'vault hydration is tried again');
      await pause(pauseAfterFailureMs, undefined, { signal }).catch(() => undefined);
    }
  }
  return copy.blocksHere === copy.blocksTotal;
}

async function bringAll(request: HydrateRequest): Promise<void> {
  const { snapshot, copy, fetcher, first, bytesPerSecond, signal, onProgress } = request;
  const { snapshotId, blockBytes } = snapshot.manifest;

  async function bring({ index, digest }: BlockEntry, urgency: Urgency): Promise<boolean> {
    await copy.locate(index);
    if (copy.has(index)) return false;
    const content = await fetcher.fetch(digest, urgency, `block ${index} of ${snapshotId}`);
    await copy.add(index, content);
    onProgress?.({ blocksHere: copy.blocksHere, blocksTotal: copy.blocksTotal });
    return true;
  }

  await inParallel(width.prefetch, first, async (block) => {
    if (signal.aborted) return;
    const digest = await snapshot.digestOf(block);
    if (digest !== undefined) await bring({ index: block, digest }, 'prefetch');
  });
  if (bytesPerSecond === 0) return;
  const wait = pacer(bytesPerSecond, signal);
  await inParallel(width.hydrate, listBlocks(snapshot), async (entry) => {
    if (!signal.aborted && (await bring(entry, 'hydrate'))) await wait(blockBytes);
  });
}

/** Holds up whoever brought so many bytes for as long as the rate asks. */
function pacer(bytesPerSecond: number, signal: AbortSignal): (bytes: number) => Promise<void> {
  let freeAt = performance.now();
  return async (bytes) => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + (bytes / bytesPerSecond) * 1000;
    const early = freeAt - now;
    if (early > 20) await pause(early, undefined, { signal }).catch(() => undefined);
  };
}
