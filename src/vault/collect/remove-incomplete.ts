import type { VaultContext } from '../context.ts';
import { listAllSnapshots } from '../read/list-snapshots.ts';

/**
 * Takes away what writers left half-published. Who could still complete one has an open session, and so a cutoff;
 * who publishes it anew writes other versions than were seen here.
 */
export async function removeIncomplete(context: VaultContext, cutoffMs: number): Promise<void> {
  for (const { snapshotId, complete, manifest, metadata } of await listAllSnapshots(context)) {
    if (complete) continue;
    for (const left of [manifest, metadata]) {
      if (left === undefined || left.modifiedAtMs >= cutoffMs) continue;
      await context.store.delete(left.key, { ifVersion: left.version });
      context.log.info(
        { snapshotId, region: context.regionName },
        'vault snapshot was never completed and is removed',
      );
    }
  }
}
