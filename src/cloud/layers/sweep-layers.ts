/**
 * Deletes layers that no row refers to. There is no count to go wrong and no grace period: a row names its
 * layers before the node is asked to make them, and new rows refer only to layers that another row still
 * holds. So whatever a node listed *before* the rows were read, and no row reaches, belongs to nobody.
 */
import type { LayerStatus } from '../../node/contract.ts';
import type { LayerId, NodeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';

export async function sweepLayers(cloud: Cloud): Promise<void> {
  for (const nodeId of cloud.nodes.ids) await sweepNode(cloud, nodeId);
}

async function sweepNode(cloud: Cloud, nodeId: NodeId): Promise<void> {
  const node = cloud.nodes.get(nodeId);
  const layers = await node.listLayers();
  const kept = reachable(layers, await referredLayers(cloud));
  const layerIds = layers.map((layer) => layer.layerId).filter((id) => !kept.has(id));
  if (layerIds.length === 0) return;
  const deleted = await node.deleteLayers({ layerIds });
  if (deleted.length > 0) cloud.log.info({ nodeId, deleted }, 'layers that nothing refers to were deleted');
}

async function referredLayers(cloud: Cloud): Promise<ReadonlySet<LayerId>> {
  const snapshots = await cloud.db.read
    .selectFrom('snapshots')
    .select(['layer_id', 'next_layer_id'])
    .execute();
  const volumes = await cloud.db.read.selectFrom('volumes').select(['layer_id', 'parent_layer_id']).execute();
  const ids = [
    ...snapshots.flatMap((row) => [row.layer_id, row.next_layer_id]),
    ...volumes.flatMap((row) => [row.layer_id, row.parent_layer_id]),
  ];
  return new Set(ids.filter((id) => id !== null));
}

/** The given layers and all that they stand on. */
export function reachable(
  layers: readonly Pick<LayerStatus, 'layerId' | 'parentLayerId'>[],
  roots: ReadonlySet<LayerId>,
): ReadonlySet<LayerId> {
  const parents = new Map(layers.map((layer) => [layer.layerId, layer.parentLayerId]));
  const kept = new Set<LayerId>();
  for (const root of roots) {
    for (let id: LayerId | undefined = root; id !== undefined && !kept.has(id); id = parents.get(id))
      kept.add(id);
  }
  return kept;
}
