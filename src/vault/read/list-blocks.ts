/** The stored blocks of a snapshot, and what differs between two. Leaves with equal digests are skipped unread. */
import { VaultError } from '../errors.ts';
import type { Digest } from '../format/digest.ts';
import type { OpenSnapshot } from './open-snapshot.ts';

export interface BlockEntry {
  readonly index: number;
  readonly digest: Digest;
}

/** Undefined on a side where the block is not stored (it reads as zeros there). */
export interface ChangedBlock {
  readonly index: number;
  readonly before: Digest | undefined;
  readonly after: Digest | undefined;
}

/** In order, from `startingBlock` on. */
export async function* listBlocks(snapshot: OpenSnapshot, startingBlock = 0): AsyncGenerator<BlockEntry> {
  const { leaves, leafEntries } = snapshot.manifest;
  for (const { index: leafIndex } of leaves) {
    if ((leafIndex + 1) * leafEntries <= startingBlock) continue;
    const leaf = (await snapshot.leaf(leafIndex)) ?? [];
    for (const [entry, digest] of leaf.entries()) {
      const index = leafIndex * leafEntries + entry;
      if (digest !== undefined && index >= startingBlock) yield { index, digest };
    }
  }
}

export async function* listChangedBlocks(
  before: OpenSnapshot,
  after: OpenSnapshot,
  startingBlock = 0,
): AsyncGenerator<ChangedBlock> {
  const { leafEntries, blockBytes } = after.manifest;
  if (before.manifest.blockBytes !== blockBytes || before.manifest.leafEntries !== leafEntries) {
    throw new VaultError('bad-request', 'Two snapshots with different block sizes can’t be compared');
  }
  const old = new Map(before.manifest.leaves.map((leaf) => [leaf.index, leaf.digest]));
  const fresh = new Map(after.manifest.leaves.map((leaf) => [leaf.index, leaf.digest]));
  const indexes = [...new Set([...old.keys(), ...fresh.keys()])].sort((a, b) => a - b);
  for (const leafIndex of indexes) {
    if ((leafIndex + 1) * leafEntries <= startingBlock || old.get(leafIndex) === fresh.get(leafIndex))
      continue;
    const [oldLeaf, freshLeaf] = [await before.leaf(leafIndex), await after.leaf(leafIndex)];
    for (let entry = 0; entry < leafEntries; entry++) {
      const index = leafIndex * leafEntries + entry;
      const change = { index, before: oldLeaf?.[entry], after: freshLeaf?.[entry] };
      if (index >= startingBlock && change.before !== change.after) yield change;
    }
  }
}
