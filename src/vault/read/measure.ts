/** How much there is in the store: a listing, without reading a chunk. */
import type { VaultContext } from '../context.ts';
import { chunksPrefix } from '../format/layout.ts';
import { listSnapshots } from './list-snapshots.ts';

export interface VaultMeasure {
  readonly store: string;
  readonly snapshots: number;
  /** Chunks: distinct blocks, and the leaves of manifests. */
  readonly blocks: number;
  /** Compressed, in the store. */
  readonly storedBytes: number;
}

export async function measure(context: VaultContext): Promise<VaultMeasure> {
  let blocks = 0;
  let storedBytes = 0;
  for await (const { sizeBytes } of context.store.list(chunksPrefix)) {
    blocks++;
    storedBytes += sizeBytes;
  }
  const snapshots = (await listSnapshots(context)).length;
  return { store: context.store.description, snapshots, blocks, storedBytes };
}
