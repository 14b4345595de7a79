/** Frees each vault, now and then, of the blocks that no snapshot has any more. */
import type { Cloud } from '../cloud.ts';
import { drive } from '../reconcile.ts';

const msPerHour = 3_600_000;

export interface Collected {
  readonly removedBlocks: number;
  readonly removedBytes: number;
}

/** The reconciling pass: each region's vault once in the configured time. */
export async function collectVaults(cloud: Cloud): Promise<void> {
  const rows = await cloud.db.read.selectFrom('vault_collections').selectAll().execute();
  const collectedAt = new Map(rows.map((row) => [row.region, Date.parse(row.collected_at)]));
  const before = cloud.now().getTime() - cloud.config.vaultCollectIntervalHours * msPerHour;
  for (const region of cloud.config.regions) {
    const at = collectedAt.get(region);
    // A vault that is new has nothing to be freed of: its time begins now.
    if (at === undefined) await noteCollected(cloud, region);
    else if (at <= before) {
      drive(cloud, `collect:${region}`, async () => {
        await collectVault(cloud, region, false);
      });
    }
  }
}

export async function collectVault(cloud: Cloud, region: string, dryRun: boolean): Promise<Collected> {
  const [nodeId] = cloud.nodes.ids;
  if (nodeId === undefined) throw new Error('This cloud has no node to collect a vault');
  const collected = await cloud.nodes.get(nodeId).collectVault({ region, dryRun });
  if (!dryRun) await noteCollected(cloud, region);
  if (collected.removedBlocks > 0) cloud.log.info({ region, dryRun, ...collected }, 'a vault was collected');
  return collected;
}

async function noteCollected(cloud: Cloud, region: string): Promise<void> {
  const at = cloud.now().toISOString();
  await cloud.db.write((tx) =>
    tx
      .insertInto('vault_collections')
      .values({ region, collected_at: at })
      .onConflict((conflict) => conflict.column('region').doUpdateSet({ collected_at: at }))
      .execute(),
  );
}
