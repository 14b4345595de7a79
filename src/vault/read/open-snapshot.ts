/** A snapshot, opened to be read: its manifest, its leaves as they are needed, its blocks. */
import type { SnapshotId } from '../../platform/ids.ts';
import { type SingleFlight, singleFlight } from '../../platform/single-flight.ts';
import type { VaultContext } from '../context.ts';
import { isVaultError, VaultError } from '../errors.ts';
import type { Digest } from '../format/digest.ts';
import { manifestKey, metadataKey } from '../format/layout.ts';
import { decodeLeaf, type Leaf } from '../format/leaf.ts';
import { decodeManifest, type LeafRecord, type Manifest } from '../format/manifest.ts';
import { readChunk } from './read-chunk.ts';

export interface OpenSnapshot {
  readonly manifest: Manifest;
  /** The manifest as stored, for `session.hold`. */
  readonly manifestBytes: Buffer;
  /** Undefined where no block of the leaf is stored. */
  leaf(index: number): Promise<Leaf | undefined>;
  /** The same without waiting, where the leaf is in memory; 'unknown' where it is not. */
  leafAtHand(index: number): Leaf | undefined | 'unknown';
  digestOf(block: number): Promise<Digest | undefined>;
  /** The content, or undefined where it is all zeros. */
  readBlock(block: number): Promise<Buffer | undefined>;
}

/** Leaves kept in memory: 32 cover 64 GiB of volume. */
const keptLeaves = 32;

export async function openSnapshot(context: VaultContext, snapshotId: SnapshotId): Promise<OpenSnapshot> {
  try {
    return await openOnce(context, snapshotId);
  } catch (error) {
    // A transfer can be damaged where the stored bytes are not.
    if (!context.store.remote || !isVaultError(error, 'damaged')) throw error;
    return await openOnce(context, snapshotId);
  }
}

async function openOnce(context: VaultContext, snapshotId: SnapshotId): Promise<OpenSnapshot> {
  const bytes = (await isComplete(context, snapshotId))
    ? await readManifestBytes(context, snapshotId)
    : undefined;
  if (bytes === undefined) {
    throw new VaultError(
      'unknown-snapshot',
      `The vault of ${context.regionName} has no snapshot ${snapshotId}`,
    );
  }
  const manifest = decodeManifest(bytes, `The manifest of ${snapshotId}`);
  if (manifest.snapshotId !== snapshotId) {
    throw new VaultError(
      'damaged',
      `The manifest of ${snapshotId} is damaged: it is the one of ${manifest.snapshotId}`,
    );
  }
  return readManifest(context, manifest, bytes);
}

/** `metadata.json` is a writer's last word; without it a manifest may be one that its writer gave up. */
async function isComplete({ store }: VaultContext, id: SnapshotId): Promise<boolean> {
  return (await store.head(metadataKey(id))) !== undefined;
}

/** Undefined where there is no complete snapshot of this name. */
export async function openIfComplete(
  context: VaultContext,
  id: SnapshotId,
): Promise<OpenSnapshot | undefined> {
  try {
    return await openSnapshot(context, id);
  } catch (error) {
    if (isVaultError(error, 'unknown-snapshot')) return undefined;
    throw error;
  }
}

export async function readManifestBytes(
  { store }: VaultContext,
  id: SnapshotId,
): Promise<Buffer | undefined> {
  return (await store.get(manifestKey(id)))?.bytes;
}

export function readManifest(context: VaultContext, manifest: Manifest, manifestBytes: Buffer): OpenSnapshot {
  if (
    manifest.blockBytes !== context.geometry.blockBytes ||
    manifest.leafEntries !== context.geometry.leafEntries
  ) {
    throw new VaultError(
      'damaged',
      `${manifest.snapshotId} has blocks of ${manifest.blockBytes} bytes, ${manifest.leafEntries} a leaf; this vault reads ${context.geometry.blockBytes} and ${context.geometry.leafEntries}`,
    );
  }
  const records = new Map<number, LeafRecord>(manifest.leaves.map((record) => [record.index, record]));
  const kept = new Map<number, Leaf>();
  const loading: SingleFlight = singleFlight();

  async function load(record: LeafRecord): Promise<Leaf> {
    const what = `leaf ${record.index} of ${manifest.snapshotId}`;
    const leaf = decodeLeaf(await readChunk(context, record.digest, { what }), manifest.leafEntries, what);
    const oldest = kept.keys().next();
    if (kept.size >= keptLeaves && oldest.done !== true) kept.delete(oldest.value);
    kept.set(record.index, leaf);
    return leaf;
  }

  async function leaf(index: number): Promise<Leaf | undefined> {
    const record = records.get(index);
    if (record === undefined) return undefined;
    return kept.get(index) ?? (await loading.run(String(index), () => load(record)));
  }

  async function digestOf(block: number): Promise<Digest | undefined> {
    return (await leaf(Math.floor(block / manifest.leafEntries)))?.[block % manifest.leafEntries];
  }

  return {
    manifest,
    manifestBytes,
    leaf,
    leafAtHand: (index) => (records.has(index) ? (kept.get(index) ?? 'unknown') : undefined),
    digestOf,
    async readBlock(block) {
      const digest = await digestOf(block);
      if (digest === undefined) return undefined;
      return await readChunk(context, digest, { what: `block ${block} of ${manifest.snapshotId}` });
    },
  };
}
