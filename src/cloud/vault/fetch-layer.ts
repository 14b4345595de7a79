/**
 * A layer that was evicted comes back from the vault when a volume is to be made over it. The volume's row, which
 * names the layer, keeps it from the sweep, and the layer's own row keeps what it comes from in the vault.
 */
import type { Transaction } from 'kysely';
import { NodeError } from '../../node/contract.ts';
import type { ImageId, LayerId, NodeId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { sweepKey } from '../layers/sweep-layers.ts';
import type { Schema } from '../schema.ts';
import type { VolumeRow } from '../volumes/record.ts';

interface Source {
  readonly region: string;
  readonly snapshotId: SnapshotId;
}

/** Where the layer is here, nothing is done. */
export async function fetchParentLayer(cloud: Cloud, volume: VolumeRow): Promise<void> {
  const { parent_layer_id: layerId, node_id: nodeId } = volume;
  if (layerId === null || !(await isEvicted(cloud, layerId))) return;
  const imageId = await bootedImage(cloud, volume);
  const source = await cloud.db.write(async (tx) => {
    const chosen = await chosenSource(tx, layerId, volume.region);
    if (chosen === undefined || imageId === undefined) return chosen;
    await tx
      .updateTable('instances')
      .set({ fetched_layer_id: layerId })
      .where('instance_id', '=', volume.instance_id)
      .execute();
    return chosen;
  });
  if (source === undefined) {
    throw new NodeError('unknown-layer', `no vault has the content of layer ${layerId}, which was evicted`);
  }
  // Not while a sweep, whose rows are older than the volume's, deletes it.
  await cloud.queue.run([sweepKey(nodeId)], async () => {
    await cloud.nodes.get(nodeId).fetchLayer({
      layerId,
      region: source.region,
      snapshotId: source.snapshotId,
      ...(imageId === undefined ? {} : { imageId }),
    });
  });
}

async function isEvicted(cloud: Cloud, layerId: LayerId): Promise<boolean> {
  const row = await cloud.db.read
    .selectFrom('evicted_layers')
    .select('layer_id')
    .where('layer_id', '=', layerId)
    .executeTakeFirst();
  return row !== undefined;
}

/** The image that the volume is to boot, so that the node reads what its boots touched first. */
async function bootedImage(cloud: Cloud, volume: VolumeRow): Promise<ImageId | undefined> {
  if (volume.is_root !== 1 || volume.instance_id === null) return undefined;
  const row = await cloud.db.read
    .selectFrom('instances')
    .select('image_id')
    .where('instance_id', '=', volume.instance_id)
    .executeTakeFirst();
  return row?.image_id;
}

/** What it is coming from already, or a stored snapshot of its content: best the region's own. */
async function chosenSource(
  tx: Transaction<Schema>,
  layerId: LayerId,
  region: string,
): Promise<Source | undefined> {
  const layer = await tx
    .selectFrom('evicted_layers')
    .selectAll()
    .where('layer_id', '=', layerId)
    .executeTakeFirst();
  if (layer?.source_region != null && layer.source_snapshot_id !== null) {
    return { region: layer.source_region, snapshotId: layer.source_snapshot_id };
  }
  const stored = await tx
    .selectFrom('stored_snapshots')
    .select(['region', 'snapshot_id'])
    .where('layer_id', '=', layerId)
    .where('state', '=', 'stored')
    .orderBy('snapshot_id')
    .execute();
  const chosen = stored.find((row) => row.region === region) ?? stored[0];
  if (chosen === undefined) return undefined;
  const { region: source_region, snapshot_id: source_snapshot_id } = chosen;
  await tx
    .updateTable('evicted_layers')
    .set({ state: 'fetching', source_region, source_snapshot_id })
    .where('layer_id', '=', layerId)
    .execute();
  return { region: source_region, snapshotId: source_snapshot_id };
}

/** The reconciling pass over layers on their way: one that is wholly here is like any other. */
export async function settleFetched(cloud: Cloud): Promise<void> {
  const rows = await cloud.db.read
    .selectFrom('evicted_layers')
    .select(['layer_id', 'node_id'])
    .where('state', '=', 'fetching')
    .execute();
  for (const [nodeId, fetched] of Map.groupBy(rows, (row) => row.node_id)) {
    await settleOn(
      cloud,
      nodeId,
      fetched.map((row) => row.layer_id),
    );
  }
}

async function settleOn(cloud: Cloud, nodeId: NodeId, layerIds: readonly LayerId[]): Promise<void> {
  // No sweep may delete, by rows that are older than this, what is said here to be there.
  await cloud.queue.run([sweepKey(nodeId)], async () => {
    const layers = new Map(
      (await cloud.nodes.get(nodeId).listLayers()).map((layer) => [layer.layerId, layer]),
    );
    const complete = layerIds.filter((id) => layers.has(id) && layers.get(id)?.fetching === undefined);
    const gone = layerIds.filter((id) => !layers.has(id));
    if (complete.length + gone.length === 0) return;
    const settled = await cloud.db.write(async (tx) => {
      const done = await tx.deleteFrom('evicted_layers').where('layer_id', 'in', complete).executeTakeFirst();
      // One that a volume waits for is just being asked for.
      const given = await tx
        .updateTable('evicted_layers')
        .set({ state: 'evicted', source_region: null, source_snapshot_id: null })
        .where('layer_id', 'in', gone)
        .where('layer_id', 'not in', (eb) =>
          eb
            .selectFrom('volumes')
            .select('parent_layer_id')
            .where('parent_layer_id', 'is not', null)
            .$castTo<{ parent_layer_id: LayerId }>(),
        )
        .executeTakeFirst();
      return done.numDeletedRows + given.numUpdatedRows;
    });
    // For what the vault kept meanwhile.
    if (settled > 0n) cloud.wake();
  });
}
