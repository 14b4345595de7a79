/**
 * Compares what each vault lists with the rows, at the start and now and then: a crash between a row and its vault
 * leaves snapshots that belong to nobody. Listed *before* the rows are read, because a row is there before its
 * vault is asked for anything. Rows are never deleted for what a vault lacks.
 */
import type { Cloud } from '../cloud.ts';
import { drive, type Pass } from '../reconcile.ts';

const everyMs = 3_600_000;

export function comparing(): Pass {
  const comparedAt = new Map<string, number>();
  return {
    name: 'vault leftovers',
    async run(cloud) {
      const now = performance.now();
      for (const region of cloud.config.regions) {
        if (now - (comparedAt.get(region) ?? Number.NEGATIVE_INFINITY) < everyMs) continue;
        comparedAt.set(region, now);
        drive(cloud, `compare:${region}`, async () => {
          try {
            await compareVault(cloud, region);
          } catch (error) {
            comparedAt.delete(region);
            throw error;
          }
        });
      }
    },
  };
}

async function compareVault(cloud: Cloud, region: string): Promise<void> {
  const [nodeId] = cloud.nodes.ids;
  if (nodeId === undefined) return;
  const node = cloud.nodes.get(nodeId);
  const listed = await node.listStoredSnapshots({ region });
  const rows = await cloud.db.read
    .selectFrom('stored_snapshots')
    .select('snapshot_id')
    .where('region', '=', region)
    .execute();
  const named = new Set(rows.map((row) => row.snapshot_id));
  const snapshotIds = listed.filter((id) => !named.has(id));
  if (snapshotIds.length === 0) return;
  await node.deleteStoredSnapshots({ region, snapshotIds });
  cloud.log.info({ region, snapshotIds }, 'snapshots that no row names were deleted from the vault');
}
