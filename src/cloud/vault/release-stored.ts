/**
 * Takes what is needed no longer out of the vaults. A stored snapshot whose own row is gone may still be what
 * others rest on: a copy that is on its way, a layer that is not here, or a machine that is just being made of it.
 */
import { type RawBuilder, sql } from 'kysely';
import type { NodeId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';

interface Released {
  readonly snapshot_id: SnapshotId;
  readonly region: string;
  readonly node_id: NodeId;
}

/** The rows first, the vault after: what a crash between leaves is found when they are compared. */
export async function releaseStored(cloud: Cloud): Promise<void> {
  if ((await unneeded.execute(cloud.db.read)).rows.length === 0) return;
  const released = await cloud.db.write(async (tx) => {
    const { rows } = await unneeded.execute(tx);
    const ids = rows.map((row) => row.snapshot_id);
    if (ids.length > 0) await tx.deleteFrom('stored_snapshots').where('snapshot_id', 'in', ids).execute();
    await forgetLayers.execute(tx);
    return rows;
  });
  for (const rows of Map.groupBy(released, (row) => `${row.node_id} ${row.region}`).values()) {
    const [{ node_id: nodeId, region } = { node_id: '' as NodeId, region: '' }] = rows;
    const snapshotIds = rows.map((row) => row.snapshot_id);
    await cloud.nodes.get(nodeId).deleteStoredSnapshots({ region, snapshotIds });
    cloud.log.info({ region, snapshotIds }, 'snapshots that nothing needs were deleted from the vault');
  }
}

/** One that never got there holds nothing that could be needed. */
const unneeded: RawBuilder<Released> = sql<Released>`
  select snapshot_id, region, node_id from stored_snapshots as held
  where released = 1 and (state <> 'stored' or not (
    exists (
      select 1 from stored_snapshots as other
      where other.layer_id = held.layer_id and other.released = 0 and other.state = 'wanted')
    or exists (
      select 1 from evicted_layers as layer where layer.layer_id = held.layer_id and (
        layer.source_snapshot_id = held.snapshot_id
        or exists (select 1 from volumes where volumes.parent_layer_id = held.layer_id)
        or exists (
          select 1 from stored_snapshots as other
          where other.layer_id = held.layer_id and other.released = 0 and other.state = 'unwanted')))))
  limit 200`;

/** Layers that no row names, and that are not coming back, are nobody's to remember. */
const forgetLayers = sql`
  delete from evicted_layers where state = 'evicted'
    and not exists (select 1 from snapshots where snapshots.layer_id = evicted_layers.layer_id)
    and not exists (select 1 from volumes where volumes.parent_layer_id = evicted_layers.layer_id)`;
