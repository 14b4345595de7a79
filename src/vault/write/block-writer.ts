/**
 * A snapshot written block by block from outside (EBS direct: StartSnapshot, PutSnapshotBlock, CompleteSnapshot). It
 * may take hours and outlive the process: every acknowledged block is a file of the session, so another process goes
 * on with it. The session's id comes from the snapshot's.
 */
import type { SnapshotId } from '../../platform/ids.ts';
import { putJson, readJson } from '../blobs/blob-store.ts';
import type { VaultContext } from '../context.ts';
import { VaultError } from '../errors.ts';
import { encodeChunk, largestChunkBytes } from '../format/chunk.ts';
import { type Digest, digestAt, digestOf } from '../format/digest.ts';
import { sessionOpenKey, sessionPinsPrefix, sessionPrefix } from '../format/layout.ts';
import type { Manifest } from '../format/manifest.ts';
import { type OpenSnapshot, openIfComplete, openSnapshot } from '../read/open-snapshot.ts';
import { chunkWriter } from '../sessions/chunk-writer.ts';
import { holdSnapshot } from '../sessions/hold-snapshot.ts';
import { openSession, type Session } from '../sessions/session.ts';
import { refuseMisfit, refuseMismatch } from './check-put.ts';
import { publishManifest, type SnapshotDetails } from './manifest-builder.ts';
import { storeChangedLeaves } from './store-changed-leaves.ts';

export interface BlockWriter {
  readonly snapshotId: SnapshotId;
  readonly sizeBytes: number;
  /** Blocks put so far. */
  readonly blocks: number;
  /** Of exactly one block's length; durable once answered. The last put of an index counts. `expected` is checked. */
  putBlock(index: number, content: Buffer, expected?: Digest): Promise<Digest>;
  /** Publishes the snapshot. Throws 'bad-request' where `changedBlocks` is not the number of blocks put. */
  complete(options?: { readonly changedBlocks?: number }): Promise<Manifest>;
  /** Ends it; what was put is collected. */
  abandon(): Promise<void>;
  /** Lets another process go on. */
  leave(): void;
}

export interface BlockWriterRequest {
  readonly snapshotId: SnapshotId;
  readonly parentSnapshotId?: SnapshotId;
  readonly sizeBytes: number;
  readonly details?: SnapshotDetails;
  /** How long it may lie without any process that writes it. */
  readonly leaseMs?: number;
}

const longestSilenceMs = 60 * 60 * 1000;
const sessionIdOf = (id: SnapshotId) => `write-${id}`;
const begunKey = (id: SnapshotId) => `${sessionPrefix(sessionIdOf(id))}begun`;
const entryPrefix = 'entry-';

export async function startBlockWriter(
  request: BlockWriterRequest & { readonly vault: VaultContext },
): Promise<BlockWriter> {
  const { vault, ...begun } = request;
  if ((await openIfComplete(vault, request.snapshotId)) !== undefined) {
    throw new VaultError(
      'already-exists',
      `Snapshot ${request.snapshotId} is complete; blocks go into a new one`,
    );
  }
  const session = await openWriteSession(vault, begun);
  const parent =
    request.parentSnapshotId === undefined
      ? undefined
      : await holdSnapshot(vault, session, request.parentSnapshotId);
  if (parent !== undefined && parent.manifest.sizeBytes > request.sizeBytes) {
    await session.close();
    throw new VaultError(
      'bad-request',
      `${request.sizeBytes} bytes are fewer than the parent's ${parent.manifest.sizeBytes}`,
    );
  }
  await putJson(vault.store, begunKey(request.snapshotId), begun);
  await vault.store.flush();
  return blockWriterOf(vault, session, begun, parent, new Map());
}

/** Goes on with one that another process began. */
export async function resumeBlockWriter(request: {
  readonly vault: VaultContext;
  readonly snapshotId: SnapshotId;
}): Promise<BlockWriter> {
  const { vault, snapshotId } = request;
  const id = sessionIdOf(snapshotId);
  const begun = (await readJson(vault.store, begunKey(snapshotId))) as BlockWriterRequest | undefined;
  if (begun === undefined || (await vault.store.head(sessionOpenKey(id))) === undefined) {
    throw new VaultError('session-lost', `No writing of ${snapshotId} is under way here; start it again`);
  }
  const session = await openWriteSession(vault, begun);
  const parent =
    begun.parentSnapshotId === undefined ? undefined : await openSnapshot(vault, begun.parentSnapshotId);
  const entries = new Map<number, Digest | undefined>();
  for await (const { key } of vault.store.list(`${sessionPinsPrefix(id)}${entryPrefix}`)) {
    const bytes = (await vault.store.get(key))?.bytes;
    const index = Number.parseInt(key.slice(key.lastIndexOf('-') + 1), 10);
    if (bytes !== undefined) entries.set(index, bytes.length === 0 ? undefined : digestAt(bytes, 0));
  }
  return blockWriterOf(vault, session, begun, parent, entries);
}

function openWriteSession(
  vault: VaultContext,
  { snapshotId, leaseMs }: BlockWriterRequest,
): Promise<Session> {
  return openSession(vault, {
    kind: 'write',
    id: sessionIdOf(snapshotId),
    leaseMs: leaseMs ?? longestSilenceMs,
  });
}

function blockWriterOf(
  vault: VaultContext,
  session: Session,
  begun: BlockWriterRequest,
  parent: OpenSnapshot | undefined,
  entries: Map<number, Digest | undefined>,
): BlockWriter {
  const { blockBytes, frameBytes } = vault.geometry;
  const { snapshotId, sizeBytes } = begun;
  const writer = chunkWriter(vault, session);
  const zeroDigest = digestOf(Buffer.alloc(blockBytes));

  function encode(content: Buffer, digest: Digest, edition: bigint): Buffer {
    const chunk = Buffer.allocUnsafe(largestChunkBytes(blockBytes, frameBytes));
    return chunk.subarray(0, encodeChunk(content, digest, frameBytes, chunk, edition));
  }

  async function hashOf(content: Buffer): Promise<Digest | undefined> {
    const slot = await vault.foreground.takeSlot();
    try {
      content.copy(slot.content);
      return await vault.foreground.hash(slot, blockBytes);
    } finally {
      slot.release();
    }
  }

  return {
    snapshotId,
    sizeBytes,
    get blocks() {
      return entries.size;
    },
    async putBlock(index, content, expected) {
      refuseMisfit(vault, begun, index, content);
      const digest = await hashOf(content);
      refuseMismatch(snapshotId, index, digest ?? zeroDigest, expected);
      if (digest !== undefined) {
        await writer.storeUnlessFound(digest, async (edition) => encode(content, digest, edition));
        await writer.settle();
      }
      await session.pin(
        digest === undefined ? [] : [digest],
        `${entryPrefix}${String(index).padStart(10, '0')}`,
      );
      entries.set(index, digest);
      return digest ?? zeroDigest;
    },
    async complete({ changedBlocks } = {}) {
      if (changedBlocks !== undefined && changedBlocks !== entries.size) {
        throw new VaultError(
          'bad-request',
          `${entries.size} blocks were put into ${snapshotId}, not ${changedBlocks}; put the missing ones or give the right number`,
        );
      }
      const leaves = await storeChangedLeaves(vault, writer, parent, entries);
      const { geometry } = vault;
      const manifest: Manifest = {
        snapshotId,
        ...(begun.parentSnapshotId === undefined ? {} : { parentSnapshotId: begun.parentSnapshotId }),
        sizeBytes,
        createdAtMs: Date.now(),
        blockBytes,
        leafEntries: geometry.leafEntries,
        leaves,
      };
      await publishManifest(vault, session, writer, manifest, begun.details ?? {});
      await session.close();
      return manifest;
    },
    abandon: session.close,
    leave: session.leave,
  };
}
