/**
 * How every writer stores chunks. A chunk that is there already is pinned, and after the pins are written the
 * writer reads what the collector has condemned: a condemned chunk is stored anew under another edition, so that the
 * collector's delete, which names the version it saw, no longer fits. Hits are settled in batches, each before the
 * manifest that refers to them.
 */
import { randomBytes } from 'node:crypto';
import type { VaultContext } from '../context.ts';
import type { Digest } from '../format/digest.ts';
import { chunkKey } from '../format/layout.ts';
import { readCondemned } from './condemned.ts';
import type { Session } from './session.ts';

/** Makes the chunk's bytes. Edition 0 is asked for at once; another later, where a found chunk was condemned. */
export type MakeChunk = (edition: bigint) => Promise<Uint8Array>;

export interface ChunkWriter {
  /** Answers how many bytes were stored; 0 where the chunk was there. */
  store(digest: Digest, make: MakeChunk): Promise<number>;
  /** Stores only what `make` costs nothing to skip: looks first. Answers 0 where it was there. */
  storeUnlessFound(digest: Digest, make: MakeChunk): Promise<number>;
  /** Told what a thread did with a chunk of a local folder. Answers as `store` does. */
  kept(digest: Digest, outcome: { readonly storedBytes: number }, make: MakeChunk): Promise<number>;
  /** Every chunk found so far stays. Call before writing the manifest. */
  settle(): Promise<void>;
}

/** Found chunks between two settlements: 4,096 pins are 128 KiB. */
const batchOfHits = 4096;

export function chunkWriter({ store }: VaultContext, session: Session): ChunkWriter {
  let hits = new Map<Digest, MakeChunk>();
  const written = new Set<Digest>();
  let settling: Promise<void> = Promise.resolve();

  async function put(digest: Digest, make: MakeChunk): Promise<number> {
    const bytes = await make(0n);
    const size = bytes.length;
    if ((await store.put(chunkKey(digest), bytes, { ifAbsent: true })) === 'exists')
      return await found(digest, make);
    wrote(digest);
    return size;
  }

  function wrote(digest: Digest): void {
    if (written.size >= batchOfHits) written.clear();
    written.add(digest);
  }

  async function found(digest: Digest, make: MakeChunk): Promise<0> {
    // What this session wrote is younger than the session, and so out of the collector's reach.
    if (written.has(digest)) return 0;
    hits.set(digest, make);
    if (hits.size >= batchOfHits) await settle();
    return 0;
  }

  /** One settlement at a time: each takes what was found until then. */
  function settle(): Promise<void> {
    settling = settling.then(settleHits);
    return settling;
  }

  async function settleHits(): Promise<void> {
    if (hits.size === 0) return;
    const batch = hits;
    hits = new Map();
    await session.pin([...batch.keys()]);
    const condemned = await readCondemned(store);
    for (const [digest, make] of batch) {
      if (condemned.has(digest)) await store.put(chunkKey(digest), await make(newEdition()));
    }
  }

  return {
    store: put,
    async storeUnlessFound(digest, make) {
      if (written.has(digest)) return 0;
      if ((await store.head(chunkKey(digest))) !== undefined) return await found(digest, make);
      return await put(digest, make);
    },
    async kept(digest, { storedBytes }, make) {
      if (storedBytes === 0) return await found(digest, make);
      wrote(digest);
      return storedBytes;
    },
    settle,
  };
}

export function newEdition(): bigint {
  return randomBytes(8).readBigUInt64LE() | 1n;
}
