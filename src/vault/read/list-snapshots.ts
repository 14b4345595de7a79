import type { SnapshotId } from '../../platform/ids.ts';
import { folderOf } from '../blobs/blob-store.ts';
import type { VaultContext } from '../context.ts';
import { snapshotsPrefix } from '../format/layout.ts';

/** The complete snapshots: those whose manifest is written. */
export async function listSnapshots({ store }: VaultContext): Promise<readonly SnapshotId[]> {
  const found: SnapshotId[] = [];
  for await (const { key } of store.list(snapshotsPrefix)) {
    if (key.endsWith('/manifest')) found.push(folderOf(key) as SnapshotId);
  }
  return found;
}
