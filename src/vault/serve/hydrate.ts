/** Brings a snapshot's blocks here before anybody asks: what the last boots touched at once, the rest at a set rate. */
import { setTimeout as pause } from 'node:timers/promises';
import { storedBlocksOf } from '../format/manifest.ts';
import { type BlockEntry, listBlocks } from '../read/list-blocks.ts';
import type { OpenSnapshot } from '../read/open-snapshot.ts';
import { inParallel } from '../work/in-parallel.ts';
import type { BlockCache } from './block-cache.ts';
import type { BlockFetcher, Urgency } from './block-fetcher.ts';

export interface HydrateRequest {
  readonly snapshot: OpenSnapshot;
  readonly cache: BlockCache;
  readonly fetcher: BlockFetcher;
  /** In the order of the boot trace. */
  readonly first: readonly number[];
  /** Of unpacked blocks, for what comes after the trace; 0 brings only the trace. */
  readonly bytesPerSecond: number;
  readonly onProgress?: (progress: HydrateProgress) => void;
  readonly signal: AbortSignal;
}

export interface HydrateProgress {
  /** Of the snapshot's stored blocks, those that are here. */
  readonly blocksHere: number;
  readonly blocksTotal: number;
}

export async function hydrate(request: HydrateRequest): Promise<HydrateProgress> {
  const { snapshot, cache, fetcher, first, bytesPerSecond, signal, onProgress } = request;
  const { snapshotId, blockBytes } = snapshot.manifest;
  const blocksTotal = storedBlocksOf(snapshot.manifest);
  let blocksHere = 0;

  async function bring({ index, digest }: BlockEntry, urgency: Urgency): Promise<boolean> {
    if (cache.has(digest)) return false;
    const content = await fetcher.fetch(digest, urgency, `block ${index} of ${snapshotId}`);
    // A guest gets it before it is kept; here it counts when it is.
    await cache.add(digest, content);
    return true;
  }

  await inParallel(12, first, async (block) => {
    if (signal.aborted) return;
    const digest = await snapshot.digestOf(block);
    if (digest !== undefined) await bring({ index: block, digest }, 'prefetch');
  });

  let owedMs = 0;
  let since = performance.now();
  const mayFetch = bytesPerSecond > 0 && blocksTotal * blockBytes <= cache.capacityBytes;
  for await (const entry of listBlocks(snapshot)) {
    if (signal.aborted) break;
    if (mayFetch && (await bring(entry, 'hydrate'))) {
      const now = performance.now();
      owedMs = Math.max(0, owedMs - (now - since)) + (blockBytes / bytesPerSecond) * 1000;
      since = now;
      if (owedMs > 20) await pause(owedMs, undefined, { signal }).catch(() => undefined);
    }
    if (!cache.has(entry.digest)) continue;
    blocksHere++;
    onProgress?.({ blocksHere, blocksTotal });
  }
  return { blocksHere, blocksTotal };
}
