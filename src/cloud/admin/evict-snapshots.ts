import type { LayerId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { sweepLayers } from '../layers/sweep-layers.ts';
import { type EvictableLayer, evictableLayers, evictLayer } from '../vault/evict-layers.ts';

export interface Eviction {
  readonly evicted: readonly {
    readonly layerId: LayerId;
    readonly bytes: number;
    readonly snapshotIds: readonly SnapshotId[];
  }[];
  /** Asked for, and why they stay. */
  readonly kept: readonly { readonly snapshotId: SnapshotId; readonly reason: string }[];
}

/** The files are gone when it answers. */
export async function evictSnapshots(
  cloud: Cloud,
  request: { readonly snapshotIds?: readonly SnapshotId[] | undefined; readonly dryRun: boolean },
): Promise<Eviction> {
  const asked = request.snapshotIds === undefined ? undefined : await layersOf(cloud, request.snapshotIds);
  const only = asked === undefined ? undefined : new Set(asked.values());
  const evicted: EvictableLayer[] = [];
  for (const nodeId of cloud.nodes.ids) {
    for (const layer of await evictableLayers(cloud, nodeId, only)) {
      if (request.dryRun || (await evictLayer(cloud, layer))) evicted.push(layer);
    }
  }
  if (!request.dryRun) await sweepLayers(cloud);
  const gone = new Set(evicted.map((layer) => layer.layerId));
  const kept = [...(asked ?? [])]
    .filter(([, layerId]) => !gone.has(layerId))
    .map(([snapshotId]) => snapshotId);
  return {
    evicted: evicted.map(({ layerId, bytes, snapshotIds }) => ({ layerId, bytes, snapshotIds })),
    kept: await Promise.all(
      kept.map(async (snapshotId) => ({ snapshotId, reason: await reasonFor(cloud, snapshotId) })),
    ),
  };
}

async function layersOf(
  cloud: Cloud,
  snapshotIds: readonly SnapshotId[],
): Promise<ReadonlyMap<SnapshotId, LayerId>> {
  const rows = await cloud.db.read
    .selectFrom('snapshots')
    .select(['snapshot_id', 'layer_id'])
    .where('snapshot_id', 'in', snapshotIds)
    .execute();
  const layers = new Map(rows.map((row) => [row.snapshot_id, row.layer_id]));
  const unknown = snapshotIds.filter((id) => !layers.has(id));
  if (unknown.length > 0) throw new RangeError(`There is no snapshot ${unknown.join(', ')}`);
  return layers;
}

async function reasonFor(cloud: Cloud, snapshotId: SnapshotId): Promise<string> {
  const row = await cloud.db.read
    .selectFrom('snapshots')
    .leftJoin('stored_snapshots', 'stored_snapshots.snapshot_id', 'snapshots.snapshot_id')
    .leftJoin('evicted_layers', 'evicted_layers.layer_id', 'snapshots.layer_id')
    .select(['stored_snapshots.state as stored', 'evicted_layers.state as layer'])
    .where('snapshots.snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  if (row?.layer === 'evicted') return 'its layer was evicted before';
  if (row?.layer === 'fetching') return 'its layer is just coming from the vault';
  if (row?.stored === 'unwanted') return 'it belongs to a base image, which the vault does not hold';
  if (row?.stored !== 'stored') return 'the vault does not hold it yet';
  return 'a volume or another layer stands on it, or a snapshot of the same layer is not stored yet';
}
