/**
 * Mark and sweep. The order is the proof: sessions are listed before manifests, chunks after both; what is to go is
 * announced, then pins and manifests are read once more, and only then deleted, each only in the version that was
 * seen. docs/decisions/vault-collection.md goes through the races one by one.
 */
import type { VaultContext } from '../context.ts';
import { stopIfCancelled, VaultError } from '../errors.ts';
import type { Digest } from '../format/digest.ts';
import { chunkKey, chunksPrefix, collectionDoneKey, condemnedKey, digestOfKey } from '../format/layout.ts';
import { listSessions, type SessionStatus } from '../sessions/list-sessions.ts';
import { inParallel } from '../work/in-parallel.ts';
import { becomeCollector, type Collector } from './become-collector.ts';
import { expireSessions } from './expire-sessions.ts';
import { type Marks, markAll } from './mark.ts';
import { recoverCollections } from './recover-collections.ts';
import { removeIncomplete } from './remove-incomplete.ts';

export interface CollectRequest {
  /** Chunks younger than this before the oldest writer stay, whoever refers to them. */
  readonly graceMs?: number;
  /** Counts only. */
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: CollectResult) => void;
  readonly signal?: AbortSignal;
}

export interface CollectResult {
  readonly chunksSeen: number;
  readonly bytesSeen: number;
  /** With `dryRun`, what would be deleted. */
  readonly chunksDeleted: number;
  readonly bytesDeleted: number;
  /** Condemned, and referred to again before they were deleted. */
  readonly chunksSpared: number;
  readonly sessionsExpired: number;
}

export const defaultGraceMs = 60 * 60 * 1000;
/** Announced together: 32 bytes each. */
const batchOfCondemned = 16_384;

interface Candidate {
  readonly digest: Digest;
  readonly version: string;
  readonly sizeBytes: number;
}

export async function collect(
  request: CollectRequest & { readonly vault: VaultContext },
): Promise<CollectResult> {
  const { vault } = request;
  if (!(await vault.store.guardsDeletes())) {
    throw new VaultError(
      'unsupported-store',
      `${vault.store.description} ignores If-Match on deletes, so collecting it could lose blocks that are just being used; use a store that honours it`,
    );
  }
  const collector = await becomeCollector(vault);
  try {
    return await sweep(request, collector);
  } finally {
    await collector.finish();
  }
}

async function sweep(
  request: CollectRequest & { readonly vault: VaultContext },
  collector: Collector,
): Promise<CollectResult> {
  const { vault, signal, dryRun = false, graceMs = defaultGraceMs, onProgress } = request;
  const { store } = vault;
  const total = {
    chunksSeen: 0,
    bytesSeen: 0,
    chunksDeleted: 0,
    bytesDeleted: 0,
    chunksSpared: 0,
    sessionsExpired: 0,
  };
  const open = dryRun ? await listSessions(vault) : await clearAway();
  const writers = open.flatMap((session) =>
    session.writer && session.open ? [session.open.modifiedAtMs] : [],
  );
  const cutoffMs = Math.min(collector.startedAtMs, ...writers) - graceMs;
  if (!dryRun) await removeIncomplete(vault, cutoffMs);
  const marks = await markAll(vault);

  let part = 0;
  let batch: Candidate[] = [];
  for await (const { key, version, sizeBytes, modifiedAtMs } of store.list(chunksPrefix)) {
    stopIfCancelled(signal, `The collection of ${store.description}`);
    total.chunksSeen++;
    total.bytesSeen += sizeBytes;
    const digest = digestOfKey(key);
    if (digest === undefined || marks.marked.has(digest) || modifiedAtMs >= cutoffMs) continue;
    batch.push({ digest, version, sizeBytes });
    if (batch.length >= batchOfCondemned) await settleBatch();
  }
  await settleBatch();
  if (part > 0) await store.put(collectionDoneKey(collector.epoch), Buffer.from('done\n'));
  if (!dryRun) await recoverCollections(vault, await listSessions(vault));
  return total;

  async function clearAway(): Promise<readonly SessionStatus[]> {
    const sessions = await expireSessions(vault, collector.startedAtMs);
    total.sessionsExpired = sessions.expired;
    await store.tidy(collector.startedAtMs - Math.max(graceMs, vault.leaseMs));
    await recoverCollections(vault, sessions.open);
    return sessions.open;
  }

  async function settleBatch(): Promise<void> {
    const candidates = batch;
    batch = [];
    if (candidates.length === 0) return;
    if (!dryRun) {
      await announce(candidates);
      await deleteUnmarked(candidates, marks);
    } else {
      total.chunksDeleted += candidates.length;
      total.bytesDeleted += candidates.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    }
    onProgress?.({ ...total });
  }

  async function announce(candidates: readonly Candidate[]): Promise<void> {
    const digests = Buffer.from(candidates.map(({ digest }) => digest).join(''), 'hex');
    await store.put(condemnedKey(collector.epoch, part++), digests);
    await store.flush();
  }

  async function deleteUnmarked(candidates: readonly Candidate[], { marked, refresh }: Marks): Promise<void> {
    await refresh();
    if (!(await collector.stillInCharge())) {
      throw new VaultError('busy', `Another collector has taken over ${store.description}; this one stops`);
    }
    await inParallel(8, candidates, async ({ digest, version, sizeBytes }) => {
      stopIfCancelled(signal, `The collection of ${store.description}`);
      const gone =
        !marked.has(digest) && (await store.delete(chunkKey(digest), { ifVersion: version })) === 'deleted';
      if (!gone) total.chunksSpared++;
      else {
        total.chunksDeleted++;
        total.bytesDeleted += sizeBytes;
      }
    });
  }
}
