/**
 * Puts back what `verifyVault` found bad, from whoever has it: another vault by the chunk's name, or a disk that
 * holds the snapshot's content (its layer). Whatever is put back has been hashed first.
 */
import type { SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import { isVaultError } from '../errors.ts';
import { encodeChunk, largestChunkBytes, withEdition } from '../format/chunk.ts';
import { type Digest, digestOf } from '../format/digest.ts';
import { chunkKey, manifestKey } from '../format/layout.ts';
import { encodeLeaf, type Leaf } from '../format/leaf.ts';
import type { BlockSource } from '../ingest/block-source.ts';
import { openSnapshot } from '../read/open-snapshot.ts';
import { newEdition } from '../sessions/chunk-writer.ts';
import { withSession } from '../sessions/session.ts';
import type { Harm, VerifyReport } from './verify-vault.ts';

export interface RepairRequest {
  readonly report: VerifyReport;
  /** Other regions. */
  readonly vaults?: readonly VaultContext[];
  /** Disks with exactly a snapshot's content. */
  readonly sources?: ReadonlyMap<SnapshotId, BlockSource>;
}

export interface RepairResult {
  readonly repaired: readonly Harm[];
  /** Nobody had it. */
  readonly remaining: readonly Harm[];
}

type Request = RepairRequest & { readonly vault: VaultContext };

export async function repairVault(request: Request): Promise<RepairResult> {
  const { vault, report } = request;
  const repaired: Harm[] = [];
  const remaining: Harm[] = [];
  const done = new Set<Digest>();
  // A session keeps what is put back from a collection that is under way.
  await withSession(vault, { kind: 'write' }, async () => {
    for (const harm of report.harms) {
      const again = harm.digest !== undefined && done.has(harm.digest);
      const mended = again || (await mend(request, harm));
      (mended ? repaired : remaining).push(harm);
      if (mended && harm.digest !== undefined) done.add(harm.digest);
    }
    await vault.store.flush();
  });
  return { repaired, remaining };
}

async function mend(request: Request, harm: Harm): Promise<boolean> {
  const { digest } = harm;
  if (digest === undefined) return await mendManifest(request, harm.snapshotId);
  for (const other of request.vaults ?? []) {
    if (await mendFromVault(request.vault, other, digest)) return true;
  }
  // The same block may stand in several snapshots; any of their disks will do.
  const holders = request.report.harms.filter((known) => known.digest === digest);
  for (const holder of holders) {
    const source = request.sources?.get(holder.snapshotId);
    if (source !== undefined && (await mendFromSource(request.vault, source, holder, digest))) return true;
  }
  return false;
}

async function mendFromVault(vault: VaultContext, other: VaultContext, digest: Digest): Promise<boolean> {
  const blob = await other.store.get(chunkKey(digest));
  if (blob === undefined) return false;
  try {
    await vault.foreground.decode(Buffer.from(blob.bytes), digest, { verify: true });
  } catch (error) {
    if (isVaultError(error, 'damaged')) return false;
    throw error;
  }
  await vault.store.put(chunkKey(digest), withEdition(blob.bytes, newEdition()));
  return true;
}

async function mendFromSource(
  vault: VaultContext,
  source: BlockSource,
  harm: Harm,
  digest: Digest,
): Promise<boolean> {
  const content =
    harm.part === 'leaf' ? await leafFrom(vault, source, harm) : await blockFrom(vault, source, harm.index);
  if (digestOf(content) !== digest) return false;
  const { frameBytes } = vault.geometry;
  const chunk = Buffer.alloc(largestChunkBytes(content.length, frameBytes));
  const length = encodeChunk(content, digest, frameBytes, chunk, newEdition());
  await vault.store.put(chunkKey(digest), chunk.subarray(0, length));
  return true;
}

async function blockFrom({ geometry }: VaultContext, source: BlockSource, index: number): Promise<Buffer> {
  const content = Buffer.alloc(geometry.blockBytes);
  if (index * geometry.blockBytes < source.sizeBytes) {
    await source.read(index * geometry.blockBytes, geometry.blockBytes, content);
  }
  return content;
}

/** A leaf says which blocks its stretch has: hashing the stretch gives it back. */
async function leafFrom(vault: VaultContext, source: BlockSource, harm: Harm): Promise<Buffer> {
  const { leafEntries, blockBytes } = vault.geometry;
  const leaf: (Digest | undefined)[] = [];
  const zeros = Buffer.alloc(blockBytes);
  for (let entry = 0; entry < leafEntries; entry++) {
    const block = await blockFrom(vault, source, harm.index * leafEntries + entry);
    leaf.push(block.equals(zeros) ? undefined : digestOf(block));
  }
  return encodeLeaf(leaf satisfies Leaf);
}

/** A manifest is mended from a vault that has the same snapshot under the same id. */
async function mendManifest({ vault, vaults }: Request, snapshotId: SnapshotId): Promise<boolean> {
  for (const other of vaults ?? []) {
    try {
      const { manifestBytes } = await openSnapshot(other, snapshotId);
      await vault.store.put(manifestKey(snapshotId), manifestBytes);
      return true;
    } catch (error) {
      if (!isVaultError(error, 'damaged', 'unknown-snapshot')) throw error;
    }
  }
  return false;
}
