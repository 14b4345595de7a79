/**
 * A snapshot moves to another region's store by difference. Chunks travel as they are stored and are verified in full
 * on arrival. Leaves that a snapshot of the target has too are not even looked into. Interrupted, it is asked again:
 * what has arrived is found.
 */
import type { SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import { stopIfCancelled, VaultError } from '../errors.ts';
import { withEdition } from '../format/chunk.ts';
import type { Digest } from '../format/digest.ts';
import { chunkKey } from '../format/layout.ts';
import { decodeLeaf } from '../format/leaf.ts';
import { type LeafRecord, type Manifest, storedBlocksOf } from '../format/manifest.ts';
import { openIfComplete } from '../read/open-snapshot.ts';
import { type ChunkWriter, chunkWriter } from '../sessions/chunk-writer.ts';
import { holdSnapshot } from '../sessions/hold-snapshot.ts';
import { withSession } from '../sessions/session.ts';
import { inParallel } from '../work/in-parallel.ts';
import { publishManifest, type SnapshotDetails } from '../write/manifest-builder.ts';
import { nearestSnapshot } from './nearest-snapshot.ts';

export interface CopyRequest {
  readonly from: VaultContext;
  readonly to: VaultContext;
  readonly snapshotId: SnapshotId;
  /** Its name in the target. */
  readonly copyId: SnapshotId;
  readonly details?: SnapshotDetails;
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly signal?: AbortSignal;
}

export interface CopyProgress {
  /** Blocks known to be in the target, of those that the snapshot stores. */
  readonly blocksDone: number;
  readonly blocksTotal: number;
  /** Moved between the stores, compressed. */
  readonly bytesMoved: number;
}

export interface CopyResult {
  readonly manifest: Manifest;
  readonly bytesMoved: number;
  readonly blocksMoved: number;
}

/** Chunks on their way at once. */
const width = 24;

export async function copySnapshot(request: CopyRequest): Promise<CopyResult> {
  const { from, to, snapshotId, copyId } = request;
  const complete = await openIfComplete(to, copyId);
  if (complete !== undefined) return { manifest: complete.manifest, bytesMoved: 0, blocksMoved: 0 };
  return await withSession(from, { kind: 'restore' }, (reading) =>
    withSession(to, { kind: 'copy' }, async (writing) => {
      const source = await holdSnapshot(from, reading, snapshotId);
      refuseOtherGeometry(source.manifest, to);
      const near = await nearestSnapshot(to, source.manifest);
      const base = near === undefined ? undefined : await holdSnapshot(to, writing, near);
      const there = new Set(base?.manifest.leaves.map((leaf) => leaf.digest));
      const writer = chunkWriter(to, writing);
      const moved = await moveLeaves(request, source.manifest, there, writer);
      const manifest: Manifest = {
        ...withoutParent(source.manifest),
        snapshotId: copyId,
        createdAtMs: Date.now(),
      };
      stopIfCancelled(request.signal, `The copy of ${snapshotId}`);
      const details = { ...request.details, copiedFrom: { region: from.regionName, snapshotId } };
      await publishManifest(to, writing, writer, manifest, details);
      return { manifest, ...moved };
    }),
  );
}

async function moveLeaves(
  { from, to, snapshotId, signal, onProgress }: CopyRequest,
  manifest: Manifest,
  there: ReadonlySet<Digest>,
  writer: ChunkWriter,
) {
  const blocksTotal = storedBlocksOf(manifest);
  let blocksDone = 0;
  let bytesMoved = 0;
  let blocksMoved = 0;

  async function move(digest: Digest, what: string): Promise<void> {
    stopIfCancelled(signal, `The copy of ${snapshotId}`);
    const stored = await writer.storeUnlessFound(digest, async (edition) => {
      const chunk = await verifiedChunk(from, to, digest, what);
      return edition === 0n ? chunk : withEdition(chunk, edition);
    });
    bytesMoved += stored;
    if (stored > 0) blocksMoved++;
  }

  async function moveLeaf(record: LeafRecord): Promise<void> {
    const what = `leaf ${record.index} of ${snapshotId}`;
    const chunk = await verifiedChunk(from, to, record.digest, what);
    const content = await to.foreground.decode(Buffer.from(chunk), record.digest, {
      verify: false,
    });
    const leaf = decodeLeaf(content, manifest.leafEntries, what);
    const blocks = leaf.flatMap((digest, entry) => (digest === undefined ? [] : [{ digest, entry }]));
    await inParallel(width, blocks, async ({ digest, entry }) => {
      await move(digest, `block ${record.index * manifest.leafEntries + entry} of ${snapshotId}`);
      blocksDone++;
      onProgress?.({ blocksDone, blocksTotal, bytesMoved });
    });
    // After its blocks: a leaf in the target never names what is not on its way there.
    const stored = await writer.store(record.digest, async (edition) =>
      edition === 0n ? chunk : withEdition(chunk, edition),
    );
    bytesMoved += stored;
  }

  for (const record of manifest.leaves) {
    if (!there.has(record.digest)) await moveLeaf(record);
    else blocksDone += record.blocks;
    onProgress?.({ blocksDone, blocksTotal, bytesMoved });
  }
  return { bytesMoved, blocksMoved };
}

/** The chunk as stored, once its content has been hashed. */
async function verifiedChunk(
  from: VaultContext,
  to: VaultContext,
  digest: Digest,
  what: string,
): Promise<Buffer> {
  const blob = await from.store.get(chunkKey(digest));
  if (blob === undefined) {
    throw new VaultError(
      'missing',
      `Can't copy ${what}: chunk ${digest} is missing in ${from.store.description}; repair that vault first`,
    );
  }
  try {
    await to.background.decode(Buffer.from(blob.bytes), digest, { verify: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new VaultError('damaged', `Can't copy ${what}: ${reason}`, { cause });
  }
  return blob.bytes;
}

function withoutParent({ parentSnapshotId: _, ...manifest }: Manifest): Omit<Manifest, 'parentSnapshotId'> {
  return manifest;
}

function refuseOtherGeometry(manifest: Manifest, { geometry }: VaultContext): void {
  if (manifest.blockBytes === geometry.blockBytes && manifest.leafEntries === geometry.leafEntries) return;
  throw new VaultError(
    'bad-request',
    `The target vault has blocks of ${geometry.blockBytes} bytes, ${manifest.snapshotId} of ${manifest.blockBytes}`,
  );
}
