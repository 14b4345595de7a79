/** A snapshot becomes a sparse raw file again. */
import { open } from 'node:fs/promises';
import type { SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import { stopIfCancelled } from '../errors.ts';
import { storedBlocksOf } from '../format/manifest.ts';
import { holdSnapshot } from '../sessions/hold-snapshot.ts';
import { withSession } from '../sessions/session.ts';
import { inParallel } from '../work/in-parallel.ts';
import { listBlocks } from './list-blocks.ts';
import { readChunk } from './read-chunk.ts';

export interface RestoreRequest {
  readonly snapshotId: SnapshotId;
  /** Must not exist. Removing a half-written one is the caller's. */
  readonly file: string;
  readonly onProgress?: (progress: { readonly bytesDone: number; readonly bytesTotal: number }) => void;
  readonly signal?: AbortSignal;
}

/** Blocks on their way at once: enough to hide a network's latency, 8 MiB of memory. */
const width = 16;

export async function restoreSnapshot(
  request: RestoreRequest & { readonly vault: VaultContext },
): Promise<void> {
  const { vault, snapshotId, file, signal, onProgress } = request;
  await withSession(vault, { kind: 'restore' }, async (session) => {
    const snapshot = await holdSnapshot(vault, session, snapshotId);
    const { sizeBytes, blockBytes } = snapshot.manifest;
    const bytesTotal = storedBlocksOf(snapshot.manifest) * blockBytes;
    let bytesDone = 0;
    const handle = await open(file, 'wx');
    try {
      await handle.truncate(sizeBytes);
      await inParallel(width, listBlocks(snapshot), async ({ index, digest }) => {
        stopIfCancelled(signal, `The restore of ${snapshotId}`);
        const content = await readChunk(vault, digest, { what: `block ${index} of ${snapshotId}` });
        const offset = index * blockBytes;
        await handle.write(content, 0, Math.min(blockBytes, sizeBytes - offset), offset);
        bytesDone += blockBytes;
        onProgress?.({ bytesDone, bytesTotal });
      });
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}
