/**
 * Builds the leaves of a new snapshot from its parent's and what changed, and publishes the manifest last. Shared by
 * ingest, block writers and copies.
 */
import type { SnapshotId } from '../../platform/ids.ts';
import { putJson } from '../blobs/blob-store.ts';
import type { VaultContext } from '../context.ts';
import { encodeChunk, largestChunkBytes } from '../format/chunk.ts';
import { type Digest, digestOf } from '../format/digest.ts';
import { manifestKey, metadataKey } from '../format/layout.ts';
import { encodeLeaf, type Leaf } from '../format/leaf.ts';
import { encodeManifest, type LeafRecord, type Manifest, storedBlocksOf } from '../format/manifest.ts';
import type { ChunkWriter } from '../sessions/chunk-writer.ts';
import type { Session } from '../sessions/session.ts';

/** Stores one leaf; undefined where none of its blocks is stored. */
export async function storeLeaf(
  { geometry }: VaultContext,
  writer: ChunkWriter,
  index: number,
  leaf: Leaf,
): Promise<(LeafRecord & { readonly storedBytes: number }) | undefined> {
  const blocks = leaf.reduce((count, digest) => (digest === undefined ? count : count + 1), 0);
  if (blocks === 0) return undefined;
  const content = encodeLeaf(leaf);
  const digest = digestOf(content);
  const storedBytes = await writer.store(digest, async (edition) => {
    const chunk = Buffer.allocUnsafe(largestChunkBytes(content.length, geometry.frameBytes));
    return chunk.subarray(0, encodeChunk(content, digest, geometry.frameBytes, chunk, edition));
  });
  return { index, blocks, digest, storedBytes };
}

export interface SnapshotDetails {
  /** What the caller wants to find again beside the snapshot: volume, description, tags, owner. */
  readonly [name: string]: unknown;
}

/**
 * The end of every writer. The manifest comes after everything it refers to. Then the session is looked at: where it
 * is still open, every collection that could have missed the manifest has kept the session's chunks, and every later
 * one reads the manifest. Only that makes the snapshot complete: `metadata.json` is written, and looked after again.
 */
export async function publishManifest(
  context: VaultContext,
  session: Session,
  writer: ChunkWriter,
  manifest: Manifest,
  details: SnapshotDetails,
): Promise<void> {
  const { store } = context;
  await writer.settle();
  await store.flush();
  const bytes = encodeManifest(manifest);
  // Of an earlier writer that was given up: it must not vouch for this one.
  await store.delete(metadataKey(manifest.snapshotId));
  await store.put(manifestKey(manifest.snapshotId), bytes);
  await store.flush();
  await session.assertOpen();
  await putJson(store, metadataKey(manifest.snapshotId), {
    ...details,
    schemaVersion: 1,
    snapshotId: manifest.snapshotId,
    parentSnapshotId: manifest.parentSnapshotId ?? null,
    volumeSizeBytes: manifest.sizeBytes,
    blockBytes: manifest.blockBytes,
    storedBlocks: storedBlocksOf(manifest),
    createdAt: new Date(manifest.createdAtMs).toISOString(),
    manifestSha256: digestOf(bytes),
  });
  await store.flush();
  // A collector removes a manifest that was left incomplete by a session that it had ended.
  await session.assertOpen();
}

/** The other way round: first it is no longer complete, then the collector may take its blocks. */
export async function removeSnapshot({ store }: VaultContext, id: SnapshotId): Promise<void> {
  await store.delete(metadataKey(id));
  await store.delete(manifestKey(id));
  await store.flush();
}

/** Changes to one leaf, by entry; undefined clears one. */
export function changedLeaf(
  parent: Leaf | undefined,
  leafEntries: number,
  changes: ReadonlyMap<number, Digest | undefined>,
): Leaf {
  const leaf = Array.from({ length: leafEntries }, (_, entry) => parent?.[entry]);
  for (const [entry, digest] of changes) leaf[entry] = digest;
  return leaf;
}
