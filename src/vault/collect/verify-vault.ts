/** Re-reads and re-hashes everything that snapshots refer to, and says which snapshots are harmed by what is bad. */
import type { SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import { isVaultError, stopIfCancelled } from '../errors.ts';
import type { Digest } from '../format/digest.ts';
import { digestSet } from '../format/digest-set.ts';
import { storedBlocksOf } from '../format/manifest.ts';
import { listSnapshots } from '../read/list-snapshots.ts';
import type { OpenSnapshot } from '../read/open-snapshot.ts';
import { readChunk } from '../read/read-chunk.ts';
import { holdSnapshot } from '../sessions/hold-snapshot.ts';
import { type Session, withSession } from '../sessions/session.ts';
import { inParallel } from '../work/in-parallel.ts';

export interface VerifyRequest {
  /** All of them where absent. */
  readonly snapshotIds?: readonly SnapshotId[];
  readonly onProgress?: (progress: { readonly blocksDone: number; readonly blocksTotal: number }) => void;
  readonly signal?: AbortSignal;
}

export interface Harm {
  readonly snapshotId: SnapshotId;
  readonly part: 'manifest' | 'leaf' | 'block';
  /** Of the leaf or block; 0 for a manifest. */
  readonly index: number;
  /** Absent for a manifest, which nothing names. */
  readonly digest?: Digest;
  readonly kind: 'damaged' | 'missing';
  readonly reason: string;
}

export interface VerifyReport {
  readonly snapshots: number;
  /** Distinct chunks, leaves among them, each read once. */
  readonly chunksChecked: number;
  readonly harms: readonly Harm[];
  readonly harmedSnapshots: readonly SnapshotId[];
}

const width = 8;

type Finding = { readonly kind: Harm['kind']; readonly reason: string };

type Request = VerifyRequest & { readonly vault: VaultContext };

export async function verifyVault(request: Request): Promise<VerifyReport> {
  // The session keeps what is being verified from a collection, should a snapshot be deleted meanwhile.
  return await withSession(request.vault, { kind: 'restore' }, (session) => verifyHeld(request, session));
}

async function verifyHeld(request: Request, session: Session): Promise<VerifyReport> {
  const { vault, signal, onProgress } = request;
  const good = digestSet();
  const bad = new Map<Digest, Finding>();
  const harms: Harm[] = [];
  const ids = request.snapshotIds ?? (await listSnapshots(vault));
  const opened: OpenSnapshot[] = [];
  for (const snapshotId of ids) {
    const found = await findingUnlessGone(() => holdSnapshot(vault, session, snapshotId));
    if (found === 'gone') continue;
    if ('kind' in found) harms.push({ snapshotId, part: 'manifest', index: 0, ...found });
    else opened.push(found.value);
  }
  const blocksTotal = opened.reduce((sum, { manifest }) => sum + storedBlocksOf(manifest), 0);
  let blocksDone = 0;

  async function check(digest: Digest): Promise<Finding | undefined> {
    if (good.has(digest)) return undefined;
    const known = bad.get(digest);
    if (known !== undefined) return known;
    const found = await finding(() => readChunk(vault, digest, { what: 'it', verify: true }));
    if ('kind' in found) bad.set(digest, found);
    else good.add(digest);
    return 'kind' in found ? found : undefined;
  }

  for (const snapshot of opened) {
    const { snapshotId, leaves, leafEntries } = snapshot.manifest;
    for (const record of leaves) {
      const leafFinding = await check(record.digest);
      const leaf = leafFinding === undefined ? await finding(() => snapshot.leaf(record.index)) : leafFinding;
      if ('kind' in leaf) {
        harms.push({ snapshotId, part: 'leaf', index: record.index, digest: record.digest, ...leaf });
        continue;
      }
      await inParallel(width, (leaf.value ?? []).entries(), async ([entry, digest]) => {
        stopIfCancelled(signal, 'The verification');
        if (digest === undefined) return;
        const index = record.index * leafEntries + entry;
        const harm = await check(digest);
        if (harm !== undefined) harms.push({ snapshotId, part: 'block', index, digest, ...harm });
        blocksDone++;
        onProgress?.({ blocksDone, blocksTotal });
      });
    }
  }
  return {
    snapshots: ids.length,
    chunksChecked: good.size + bad.size,
    harms,
    harmedSnapshots: [...new Set(harms.map((harm) => harm.snapshotId))],
  };
}

async function findingUnlessGone<T>(
  work: () => Promise<T>,
): Promise<Finding | { readonly value: T } | 'gone'> {
  try {
    return await finding(work);
  } catch (error) {
    if (isVaultError(error, 'unknown-snapshot')) return 'gone';
    throw error;
  }
}

async function finding<T>(work: () => Promise<T>): Promise<Finding | { readonly value: T }> {
  try {
    return { value: await work() };
  } catch (error) {
    if (isVaultError(error, 'damaged', 'missing'))
      return { kind: error.kind as Harm['kind'], reason: error.message };
    throw error;
  }
}
