/**
 * Lets go of layers that a vault holds, where space is wanted: the least recently launched first, and never one
 * that a volume or another layer stands on. The rows say so first; the sweep then finds that nobody holds the file.
 */
import type { Transaction } from 'kysely';
import type { LayerStatus } from '../../node/contract.ts';
import type { LayerId, NodeId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { reachable, referredLayers } from '../layers/sweep-layers.ts';
import type { Pass } from '../reconcile.ts';
import type { Schema } from '../schema.ts';
import { bytesPerGiB } from '../volumes/make-layers.ts';

export interface EvictableLayer {
  readonly layerId: LayerId;
  readonly nodeId: NodeId;
  readonly bytes: number;
  readonly snapshotIds: readonly SnapshotId[];
  /** ISO time; of a launch of an image of it, or when it was taken. */
  readonly usedAt: string;
}

const everyMs = 60_000;
const freeShare = 0.1;

export function evicting(): Pass {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return {
    name: 'layers that the vault holds',
    async run(cloud) {
      if (performance.now() - lookedAt < everyMs) return;
      lookedAt = performance.now();
      for (const nodeId of cloud.nodes.ids) {
        const wanted = await wantedBytes(cloud, nodeId);
        if (wanted > 0) await evictBytes(cloud, nodeId, wanted);
      }
    },
  };
}

/** How much is to go for the disk to stay free; 0 where a cache size is configured, which is looked at instead. */
async function wantedBytes(cloud: Cloud, nodeId: NodeId): Promise<number> {
  const { layerCacheGiB } = cloud.config;
  if (layerCacheGiB !== undefined) {
    const cached = (await evictableLayers(cloud, nodeId)).reduce((sum, layer) => sum + layer.bytes, 0);
    return cached - layerCacheGiB * bytesPerGiB;
  }
  const { diskFreeBytes, diskTotalBytes } = await cloud.nodes.get(nodeId).facts();
  return diskTotalBytes * freeShare - diskFreeBytes;
}

/** A layer that another stood on can go once that one has gone: so it is looked at again until it is enough. */
async function evictBytes(cloud: Cloud, nodeId: NodeId, wanted: number): Promise<void> {
  const evicted: LayerId[] = [];
  let left = wanted;
  for (const layer of await evictableLayers(cloud, nodeId)) {
    if (left <= 0) break;
    if (!(await evictLayer(cloud, layer))) continue;
    evicted.push(layer.layerId);
    left -= layer.bytes;
  }
  if (evicted.length > 0) cloud.log.info({ nodeId, evicted }, 'layers that the vault holds were evicted');
}

/** In the order in which they would go, so that none goes before what stands on it; of all, or of those given. */
export async function evictableLayers(
  cloud: Cloud,
  nodeId: NodeId,
  only?: ReadonlySet<LayerId>,
): Promise<readonly EvictableLayer[]> {
  const listed = await cloud.nodes.get(nodeId).listLayers();
  // What is only waiting for the sweep stands in nobody's way.
  const referred = reachable(listed, await referredLayers(cloud));
  const layers = listed.filter((layer) => referred.has(layer.layerId));
  const held = await heldByVaults(cloud.db.read, layers);
  const busy = reachable(layers, await volumeLayers(cloud));
  const left = new Map(layers.map((layer) => [layer.layerId, layer]));
  const order: EvictableLayer[] = [];
  for (;;) {
    const below = new Set([...left.values()].map((layer) => layer.parentLayerId));
    const next = [...left.values()]
      .filter(({ layerId }) => !busy.has(layerId) && !below.has(layerId) && (only?.has(layerId) ?? true))
      .flatMap((layer) => {
        const { snapshotIds, usedAt } = held.get(layer.layerId) ?? {};
        return snapshotIds === undefined || usedAt === undefined
          ? []
          : [{ layerId: layer.layerId, nodeId, bytes: layer.allocatedBytes, snapshotIds, usedAt }];
      })
      .sort((a, b) => (a.usedAt < b.usedAt ? -1 : 1))[0];
    if (next === undefined) return order;
    order.push(next);
    left.delete(next.layerId);
  }
}

/** Whether it was let go of: what has changed since it was looked at is found here, where nothing can change. */
export async function evictLayer(cloud: Cloud, layer: EvictableLayer): Promise<boolean> {
  const evicted = await cloud.db.write(async (tx) => {
    const held = await heldByVaults(tx, [layer]);
    const volume = await tx
      .selectFrom('volumes')
      .select('volume_id')
      .where((eb) => eb.or([eb('layer_id', '=', layer.layerId), eb('parent_layer_id', '=', layer.layerId)]))
      .executeTakeFirst();
    if (!held.has(layer.layerId) || volume !== undefined) return false;
    await tx
      .insertInto('evicted_layers')
      .values({ layer_id: layer.layerId, node_id: layer.nodeId, state: 'evicted' })
      .execute();
    await tx
      .insertInto('released_layers')
      .values({ layer_id: layer.layerId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return true;
  });
  if (evicted) cloud.wake();
  return evicted;
}

type Db = Cloud['db']['read'] | Transaction<Schema>;

interface Held {
  readonly snapshotIds: readonly SnapshotId[];
  readonly usedAt: string;
}

/** Layers whose content a vault holds, and no snapshot waits to be stored from; not those that are evicted. */
async function heldByVaults(
  db: Db,
  layers: readonly Pick<LayerStatus, 'layerId'>[],
): Promise<ReadonlyMap<LayerId, Held>> {
  if (layers.length === 0) return new Map();
  const ids = layers.map((layer) => layer.layerId);
  const rows = await db
    .selectFrom('snapshots')
    .leftJoin('stored_snapshots', 'stored_snapshots.snapshot_id', 'snapshots.snapshot_id')
    .leftJoin('image_snapshots', 'image_snapshots.snapshot_id', 'snapshots.snapshot_id')
    .leftJoin('images', 'images.image_id', 'image_snapshots.image_id')
    .select([
      'snapshots.layer_id',
      'snapshots.snapshot_id',
      'snapshots.started_at',
      'stored_snapshots.state',
      'images.last_launched_at',
    ])
    .where('snapshots.layer_id', 'in', ids)
    .where('snapshots.state', '!=', 'error')
    .where('snapshots.layer_id', 'not in', (eb) => eb.selectFrom('evicted_layers').select('layer_id'))
    .orderBy('snapshots.snapshot_id')
    .execute();
  const held = new Map<LayerId, Held>();
  for (const [layerId, named] of Map.groupBy(rows, (row) => row.layer_id)) {
    if (named.some((row) => row.state === null || row.state === 'wanted')) continue;
    if (!named.some((row) => row.state === 'stored')) continue;
    const times = named.flatMap((row) => [row.started_at, row.last_launched_at ?? '']).sort();
    held.set(layerId, {
      snapshotIds: [...new Set(named.map((row) => row.snapshot_id))],
      usedAt: times.at(-1) ?? '',
    });
  }
  return held;
}

async function volumeLayers(cloud: Cloud): Promise<ReadonlySet<LayerId>> {
  const rows = await cloud.db.read.selectFrom('volumes').select(['layer_id', 'parent_layer_id']).execute();
  return new Set(rows.flatMap((row) => [row.layer_id, row.parent_layer_id]).filter((id) => id !== null));
}
