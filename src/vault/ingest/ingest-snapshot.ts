/**
 * A frozen disk becomes a snapshot of the vault. Only blocks that the source's extents touch are read; a block is
 * hashed, looked for, and only then compressed and stored. Nothing is remembered between runs: what an interrupted
 * ingest stored is found again by its name, so asking again continues it, and a finished one answers at once.
 */
import type { SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import { stopIfCancelled, VaultError } from '../errors.ts';
import { encodeChunk, largestChunkBytes, verifyContent } from '../format/chunk.ts';
import type { Digest } from '../format/digest.ts';
import { type LeafRecord, type Manifest, storedBlocksOf } from '../format/manifest.ts';
import { type OpenSnapshot, openIfComplete } from '../read/open-snapshot.ts';
import { type ChunkWriter, chunkWriter } from '../sessions/chunk-writer.ts';
import { holdSnapshot } from '../sessions/hold-snapshot.ts';
import { withSession } from '../sessions/session.ts';
import { inParallel } from '../work/in-parallel.ts';
import { changedLeaf, publishManifest, type SnapshotDetails, storeLeaf } from '../write/manifest-builder.ts';
import type { BlockSource } from './block-source.ts';
import { findDirtyBlocks } from './dirty-blocks.ts';
import { storeBlock } from './store-block.ts';

export interface IngestRequest {
  readonly snapshotId: SnapshotId;
  /** Its blocks stand wherever the source names no extent. */
  readonly parentSnapshotId?: SnapshotId;
  readonly source: BlockSource;
  readonly details?: SnapshotDetails;
  /** 'background' leaves the cores to the machines. */
  readonly priority?: 'background' | 'foreground';
  readonly onProgress?: (progress: IngestProgress) => void;
  readonly signal?: AbortSignal;
}

export interface IngestProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface IngestResult {
  readonly manifest: Manifest;
  readonly storedBlocks: number;
  readonly bytesRead: number;
  /** What this ingest added to the store, leaves included, compressed. */
  readonly bytesStored: number;
  /** False where the snapshot was there already. */
  readonly ingested: boolean;
}

export async function ingestSnapshot(
  request: IngestRequest & { readonly vault: VaultContext },
): Promise<IngestResult> {
  const { vault, snapshotId } = request;
  const complete = await openIfComplete(vault, snapshotId);
  if (complete !== undefined) {
    const { manifest } = complete;
    return {
      manifest,
      storedBlocks: storedBlocksOf(manifest),
      bytesRead: 0,
      bytesStored: 0,
      ingested: false,
    };
  }
  return await withSession(vault, { kind: 'ingest' }, async (session) => {
    const { parentSnapshotId, source } = request;
    const parent =
      parentSnapshotId === undefined ? undefined : await holdSnapshot(vault, session, parentSnapshotId);
    refuseShrinking(request, parent);
    const writer = chunkWriter(vault, session);
    const { leaves, bytesRead, bytesStored } = await ingestLeaves(request, parent, writer);
    const manifest: Manifest = {
      snapshotId,
      ...(parentSnapshotId === undefined ? {} : { parentSnapshotId }),
      sizeBytes: source.sizeBytes,
      createdAtMs: Date.now(),
      blockBytes: vault.geometry.blockBytes,
      leafEntries: vault.geometry.leafEntries,
      leaves,
    };
    stopIfCancelled(request.signal, `The ingest of ${snapshotId}`);
    await publishManifest(vault, session, writer, manifest, request.details ?? {});
    return { manifest, storedBlocks: storedBlocksOf(manifest), bytesRead, bytesStored, ingested: true };
  });
}

interface LeafInWork {
  readonly index: number;
  readonly changes: Map<number, Digest | undefined>;
  left: number;
}

async function ingestLeaves(
  request: IngestRequest & { readonly vault: VaultContext },
  parent: OpenSnapshot | undefined,
  writer: ChunkWriter,
) {
  const { vault, snapshotId, source, signal, onProgress } = request;
  const { blockBytes, leafEntries } = vault.geometry;
  const workers = request.priority === 'foreground' ? vault.foreground : vault.background;
  const dirty = await findDirtyBlocks(source, blockBytes, leafEntries);
  const leaves = new Map<number, LeafRecord>(parent?.manifest.leaves.map((leaf) => [leaf.index, leaf]));
  let bytesRead = 0;
  let bytesStored = 0;

  function* work(): Generator<
    { readonly block: number; readonly leaf: LeafInWork } | { readonly leaf: LeafInWork }
  > {
    for (const index of dirty.leaves) {
      const blocks = dirty.inLeaf(index);
      const cleared = dirty.zeroInLeaf(index).map((block) => [block % leafEntries, undefined] as const);
      const leaf: LeafInWork = { index, changes: new Map(cleared), left: blocks.length };
      if (blocks.length === 0) yield { leaf };
      for (const block of blocks) yield { block, leaf };
    }
  }

  async function ingestBlock(block: number, leaf: LeafInWork): Promise<void> {
    const slot = await workers.takeSlot();
    try {
      await source.read(block * blockBytes, blockBytes, slot.content);
      const known = await parent?.digestOf(block);
      // Another edition is asked for when hits are settled; by then the slot may be somebody else's.
      const again = (digest: Digest, edition: bigint) => encodeAgain(request, block, digest, edition);
      const { digest, storedBytes } = await storeBlock({ vault, workers, writer, slot, known, again });
      leaf.changes.set(block % leafEntries, digest);
      bytesStored += storedBytes;
    } finally {
      slot.release();
      bytesRead += blockBytes;
      onProgress?.({ bytesDone: bytesRead, bytesTotal: dirty.count * blockBytes });
    }
  }

  async function finishLeaf(leaf: LeafInWork): Promise<void> {
    const content = changedLeaf(await parent?.leaf(leaf.index), leafEntries, leaf.changes);
    const record = await storeLeaf(vault, writer, leaf.index, content);
    if (record === undefined) leaves.delete(leaf.index);
    else leaves.set(leaf.index, { index: record.index, blocks: record.blocks, digest: record.digest });
    bytesStored += record?.storedBytes ?? 0;
  }

  await inParallel(workers.slots, work(), async (item) => {
    stopIfCancelled(signal, `The ingest of ${snapshotId}`);
    if ('block' in item) {
      await ingestBlock(item.block, item.leaf);
      item.leaf.left--;
    }
    if (item.leaf.left === 0) await finishLeaf(item.leaf);
  });
  return { leaves: [...leaves.values()].sort((a, b) => a.index - b.index), bytesRead, bytesStored };
}

/** A block that was found and then condemned, read once more. Rare, so here and not in a thread. */
async function encodeAgain(
  { vault, source, snapshotId }: IngestRequest & { readonly vault: VaultContext },
  block: number,
  digest: Digest,
  edition: bigint,
): Promise<Buffer> {
  const { blockBytes, frameBytes } = vault.geometry;
  const content = Buffer.allocUnsafe(blockBytes);
  await source.read(block * blockBytes, blockBytes, content);
  const chunk = Buffer.allocUnsafe(largestChunkBytes(blockBytes, frameBytes));
  const bytes = encodeChunk(content, digest, frameBytes, chunk, edition);
  try {
    verifyContent(content, digest);
  } catch (cause) {
    const message = `Block ${block} of the source of ${snapshotId} changed while it was read; only frozen layers can be ingested`;
    throw new VaultError('unreadable-source', message, { cause });
  }
  return chunk.subarray(0, bytes);
}

function refuseShrinking({ snapshotId, source }: IngestRequest, parent: OpenSnapshot | undefined): void {
  if (parent === undefined || parent.manifest.sizeBytes <= source.sizeBytes) return;
  throw new VaultError(
    'bad-request',
    `${snapshotId} has ${source.sizeBytes} bytes and its parent ${parent.manifest.snapshotId} ${parent.manifest.sizeBytes}; a child is never smaller`,
  );
}
