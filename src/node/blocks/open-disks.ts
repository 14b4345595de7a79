/**
 * Snapshots opened for reading block by block. A client asks for thousands of blocks of one disk, so a disk stays
 * open, with its map, until it was not asked for in a while. A frozen layer never changes, so nothing goes stale.
 */
import type { BlockSource } from '../../vault/vault.ts';
import { blockBytes, type StoredDisk } from '../block-contract.ts';

export interface OpenDisk {
  readonly source: BlockSource;
  readonly blocks: number;
  /** One bit a block: those that may hold data. Read once. */
  map(): Promise<Uint8Array>;
}

export interface OpenDisks {
  use<T>(disk: StoredDisk, work: (open: OpenDisk) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const keptDisks = 8;
const idleMs = 60_000;

interface Kept {
  readonly opening: Promise<OpenDisk>;
  users: number;
  usedAt: number;
}

export function openDisks(open: (disk: StoredDisk) => Promise<BlockSource>): OpenDisks {
  const kept = new Map<string, Kept>();
  const timer = setInterval(() => closeIdle(performance.now() - idleMs), idleMs);
  timer.unref();

  function closeIdle(usedBefore: number): void {
    const idle = [...kept].filter(([, each]) => each.users === 0).sort(([, a], [, b]) => a.usedAt - b.usedAt);
    let tooMany = kept.size - keptDisks;
    for (const [key, each] of idle) {
      if (each.usedAt >= usedBefore && tooMany <= 0) return;
      tooMany -= 1;
      kept.delete(key);
      void closeDisk(each);
    }
  }

  return {
    async use(disk, work) {
      const key = `${disk.layerId} ${disk.region} ${disk.snapshotId}`;
      const known = kept.get(key) ?? { opening: open(disk).then(openDiskOf), users: 0, usedAt: 0 };
      kept.set(key, known);
      known.users += 1;
      try {
        return await work(await known.opening);
      } catch (error) {
        // It may lie elsewhere by now: the next one looks anew.
        if (kept.get(key) === known) kept.delete(key);
        throw error;
      } finally {
        known.users -= 1;
        known.usedAt = performance.now();
        if (known.users === 0 && kept.get(key) !== known) void closeDisk(known);
        closeIdle(Number.NEGATIVE_INFINITY);
      }
    },
    async close() {
      clearInterval(timer);
      const all = [...kept.values()];
      kept.clear();
      for (const each of all) await closeDisk(each);
    },
  };
}

async function closeDisk({ opening }: Kept): Promise<void> {
  const disk = await opening.catch(() => undefined);
  await disk?.source.close();
}

function openDiskOf(source: BlockSource): OpenDisk {
  let map: Promise<Uint8Array> | undefined;
  return {
    source,
    blocks: Math.ceil(source.sizeBytes / blockBytes),
    map: () => {
      map ??= blockMap(source);
      return map;
    },
  };
}

/** 16 TiB take 4 MiB of it. `zeros` counts what is known to read as zeros too. */
export async function blockMap(source: BlockSource, zeros = false): Promise<Uint8Array> {
  const map = new Uint8Array(Math.ceil(source.sizeBytes / blockBytes / 8));
  for await (const { offset, length, data } of source.extents()) {
    if (!data && !zeros) continue;
    const last = Math.floor((offset + length - 1) / blockBytes);
    for (let block = Math.floor(offset / blockBytes); block <= last; block++) {
      map[block >> 3] = (map[block >> 3] ?? 0) | (1 << (block & 7));
    }
  }
  return map;
}

export function holds(map: Uint8Array, block: number): boolean {
  return ((map[block >> 3] ?? 0) & (1 << (block & 7))) !== 0;
}
