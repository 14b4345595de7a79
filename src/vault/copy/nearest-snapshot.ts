/** The snapshot of a vault that shares most leaves with a manifest: reads only roots, 40 bytes for 2 GiB of volume. */
import type { SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import { isVaultError } from '../errors.ts';
import type { Manifest } from '../format/manifest.ts';
import { listSnapshots } from '../read/list-snapshots.ts';
import { openSnapshot } from '../read/open-snapshot.ts';

export async function nearestSnapshot(
  context: VaultContext,
  manifest: Manifest,
): Promise<SnapshotId | undefined> {
  const wanted = new Set(manifest.leaves.map((leaf) => leaf.digest));
  let nearest: SnapshotId | undefined;
  let most = 0;
  for (const snapshotId of await listSnapshots(context)) {
    try {
      const { leaves } = (await openSnapshot(context, snapshotId)).manifest;
      const shared = leaves.filter((leaf) => wanted.has(leaf.digest)).length;
      if (shared > most) [most, nearest] = [shared, snapshotId];
    } catch (error) {
      // It is only a hint: one that was just deleted, or is damaged, helps nobody.
      if (!isVaultError(error, 'damaged', 'unknown-snapshot')) throw error;
    }
  }
  return nearest;
}
