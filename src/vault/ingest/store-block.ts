/** One block that lies in a slot, from its content to the store. */
import type { VaultContext } from '../context.ts';
import type { Digest } from '../format/digest.ts';
import type { ChunkWriter } from '../sessions/chunk-writer.ts';
import type { BlockWorkers, Slot } from '../work/block-workers.ts';

export interface BlockToStore {
  readonly vault: VaultContext;
  readonly workers: BlockWorkers;
  readonly writer: ChunkWriter;
  readonly slot: Slot;
  /** What the parent has in its place. */
  readonly known: Digest | undefined;
  /** The chunk once more, under another edition; the slot may be gone by then. */
  readonly again: (digest: Digest, edition: bigint) => Promise<Buffer>;
}

export interface StoredBlock {
  /** Undefined of zeros. */
  readonly digest: Digest | undefined;
  /** 0 where the store had it. */
  readonly storedBytes: number;
}

/** A thread does all of it where the store is a folder of this machine. */
export async function storeBlock(block: BlockToStore): Promise<StoredBlock> {
  const { vault, workers, writer, slot, known, again } = block;
  const { local } = vault.store;
  const { blockBytes } = vault.geometry;
  if (local === undefined) return await storeThroughStore(block);
  const kept = await workers.keep(slot, blockBytes, { root: local.root, known });
  if (kept.state === 'zero') return { digest: undefined, storedBytes: 0 };
  if (kept.state === 'known') return { digest: known, storedBytes: 0 };
  const { digest, folders } = kept;
  local.touched(folders);
  const storedBytes = kept.state === 'stored' ? kept.chunkBytes : 0;
  const make = (edition: bigint) => again(digest, edition);
  return { digest, storedBytes: await writer.kept(digest, { storedBytes }, make) };
}

async function storeThroughStore({
  vault,
  workers,
  writer,
  slot,
  known,
  again,
}: BlockToStore): Promise<StoredBlock> {
  const { blockBytes } = vault.geometry;
  const digest = await workers.hash(slot, blockBytes);
  if (digest === undefined || digest === known) return { digest, storedBytes: 0 };
  const storedBytes = await writer.storeUnlessFound(digest, (edition) =>
    edition === 0n ? workers.encode(slot, blockBytes, digest) : again(digest, edition),
  );
  return { digest, storedBytes };
}
