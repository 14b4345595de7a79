/**
 * The reconciling pass that brings snapshots into their regions' vaults: copies between regions and, in the
 * background, everything else. A few at a time, the oldest first; one that stands on another waits for it.
 */
import type { LayerStatus } from '../../node/contract.ts';
import type { LayerId, NodeId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { drive, type Pass } from '../reconcile.ts';
import type { StoredRow } from './record.ts';
import { storeSnapshot } from './store-snapshot.ts';
import { wayToStore } from './way-to-store.ts';

const atOnce = 2;
/** Rows that are looked at for one that needn't wait. */
const lookAhead = 32;

export function storing(): Pass {
  const running = new Set<SnapshotId>();
  return {
    name: 'vault',
    async run(cloud) {
      if (running.size >= atOnce) return;
      const rows = (await wantedRows(cloud)).filter((row) => !running.has(row.snapshot_id));
      if (rows.length === 0) return;
      const layers = layersOnce(cloud);
      for (const row of rows) {
        if (running.size >= atOnce) return;
        const way = await wayToStore(cloud, row, await layers(row.node_id));
        if (way.kind === 'wait') {
          await want(cloud, way.for);
          continue;
        }
        const id = row.snapshot_id;
        running.add(id);
        drive(cloud, `store:${id}`, async () => {
          try {
            await storeSnapshot(cloud, row, way);
          } finally {
            running.delete(id);
          }
          cloud.wake();
        });
      }
    },
  };
}

/** Who waits for a base image's snapshot makes it wanted. */
async function want(cloud: Cloud, row: StoredRow): Promise<void> {
  if (row.state !== 'unwanted') return;
  await cloud.db.write((tx) =>
    tx
      .updateTable('stored_snapshots')
      .set({ state: 'wanted' })
      .where('snapshot_id', '=', row.snapshot_id)
      .where('state', '=', 'unwanted')
      .execute(),
  );
  cloud.wake();
}

async function wantedRows(cloud: Cloud): Promise<readonly StoredRow[]> {
  return await cloud.db.read
    .selectFrom('stored_snapshots')
    .selectAll()
    .where('state', '=', 'wanted')
    .where('released', '=', 0)
    .where((eb) => eb.or([eb('retry_at', 'is', null), eb('retry_at', '<=', cloud.now().toISOString())]))
    .orderBy('wanted_at')
    .limit(lookAhead)
    .execute();
}

/** Listing reads every layer's header: once a pass, and only where something is to be stored. */
function layersOnce(cloud: Cloud) {
  const known = new Map<NodeId, ReadonlyMap<LayerId, LayerStatus>>();
  return async (nodeId: NodeId): Promise<ReadonlyMap<LayerId, LayerStatus>> => {
    const before = known.get(nodeId);
    if (before !== undefined) return before;
    const list = await cloud.nodes.get(nodeId).listLayers();
    const layers = new Map(list.map((layer) => [layer.layerId, layer]));
    known.set(nodeId, layers);
    return layers;
  };
}
