/**
 * Deletes layers that no row refers to. There is no count to go wrong and no grace period: a row names its
 * layers before the node is asked to make them, and new rows refer only to layers that another row still
 * holds. So whatever a node listed *before* the rows were read, and no row reaches, belongs to nobody. A layer that
 * was evicted is held by no snapshot, only by a volume that is made over it: it comes back from the vault.
 *
 * Listing reads every layer's header, so it is done when a row was deleted (table.ts), at the start, and now
 * and then for what a crash between the node and the rows left over.
 */
import type { LayerStatus } from '../../node/contract.ts';
import type { LayerId, NodeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Pass } from '../reconcile.ts';

const pauseMs = 250;
const wholeEveryMs = 10 * 60_000;

export function layerSweep(): Pass {
  let sweptAt = Number.NEGATIVE_INFINITY;
  let finished = true;
  return {
    name: 'layers',
    async run(cloud) {
      const sinceMs = performance.now() - sweptAt;
      if (sinceMs < pauseMs) return;
      const released = await takeReleased(cloud);
      if (released === 0 && finished && sinceMs < wholeEveryMs) return;
      sweptAt = performance.now();
      finished = false;
      finished = await sweepLayers(cloud);
    },
  };
}

/** Before the sweep: what is released during it is noted anew. A crash in between is made good at the start. */
async function takeReleased(cloud: Cloud): Promise<number> {
  const some = await cloud.db.read.selectFrom('released_layers').select('layer_id').limit(1).execute();
  if (some.length > 0) await cloud.db.write((tx) => tx.deleteFrom('released_layers').execute());
  return some.length;
}

/** Whether all that belongs to nobody is gone. */
export async function sweepLayers(cloud: Cloud): Promise<boolean> {
  let gone = true;
  for (const nodeId of cloud.nodes.ids) gone = (await sweepNode(cloud, nodeId)) && gone;
  return gone;
}

async function sweepNode(cloud: Cloud, nodeId: NodeId): Promise<boolean> {
  const node = cloud.nodes.get(nodeId);
  const layers = await node.listLayers();
  return await cloud.queue.run([sweepKey(nodeId)], async () => {
    const kept = reachable(layers, await referredLayers(cloud));
    const layerIds = layers.map((layer) => layer.layerId).filter((id) => !kept.has(id));
    if (layerIds.length === 0) return true;
    const deleted = await node.deleteLayers({ layerIds });
    if (deleted.length > 0) cloud.log.info({ nodeId, deleted }, 'layers that nothing refers to were deleted');
    return deleted.length === layerIds.length;
  });
}

/** From reading the rows to the last deletion nothing may be said to be there that is about to be deleted. */
export function sweepKey(nodeId: NodeId): string {
  return `sweep:${nodeId}`;
}

export async function referredLayers(cloud: Cloud): Promise<ReadonlySet<LayerId>> {
  const snapshots = await cloud.db.read
    .selectFrom('snapshots')
    .select(['layer_id', 'next_layer_id'])
    // One in error holds nothing: its layer is still its volume's.
    .where('state', '!=', 'error')
    .where('layer_id', 'not in', (eb) =>
      eb.selectFrom('evicted_layers').select('layer_id').where('state', '=', 'evicted'),
    )
    .execute();
  const volumes = await cloud.db.read.selectFrom('volumes').select(['layer_id', 'parent_layer_id']).execute();
  const writes = await cloud.db.read
    .selectFrom('block_writes')
    .innerJoin('snapshots', 'snapshots.snapshot_id', 'block_writes.snapshot_id')
    .select('parent_layer_id')
    .where('state', '=', 'pending')
    .execute();
  const ids = [
    ...writes.map((row) => row.parent_layer_id),
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
