import type { VaultContext } from '../context.ts';
import type { Digest } from '../format/digest.ts';
import type { LeafRecord } from '../format/manifest.ts';
import type { OpenSnapshot } from '../read/open-snapshot.ts';
import type { ChunkWriter } from '../sessions/chunk-writer.ts';
import { changedLeaf, storeLeaf } from './manifest-builder.ts';

/** The leaves of the parent with these blocks in their place; undefined clears one. */
export async function storeChangedLeaves(
  vault: VaultContext,
  writer: ChunkWriter,
  parent: OpenSnapshot | undefined,
  entries: ReadonlyMap<number, Digest | undefined>,
): Promise<readonly LeafRecord[]> {
  const { leafEntries } = vault.geometry;
  const leaves = new Map<number, LeafRecord>(parent?.manifest.leaves.map((leaf) => [leaf.index, leaf]));
  const changes = new Map<number, Map<number, Digest | undefined>>();
  for (const [block, digest] of entries) {
    const index = Math.floor(block / leafEntries);
    const ofLeaf = changes.get(index) ?? new Map<number, Digest | undefined>();
    changes.set(index, ofLeaf.set(block % leafEntries, digest));
  }
  for (const [index, ofLeaf] of changes) {
    const record = await storeLeaf(
      vault,
      writer,
      index,
      changedLeaf(await parent?.leaf(index), leafEntries, ofLeaf),
    );
    if (record === undefined) leaves.delete(index);
    else leaves.set(index, { index, blocks: record.blocks, digest: record.digest });
  }
  return [...leaves.values()].sort((a, b) => a.index - b.index);
}
