/**
 * How a snapshot comes into its region's vault: copied from one that holds the same content already, where there
 * is one, else read from its layer. Then only what it adds to the nearest snapshot below it is read, so that one
 * is stored first.
 */
import type { LayerStatus } from '../../node/contract.ts';
import type { LayerId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { StoredRow } from './record.ts';

export type WayToStore =
  | { readonly kind: 'copy'; readonly from: { readonly region: string; readonly snapshotId: SnapshotId } }
  | {
      readonly kind: 'ingest';
      readonly parent?: { readonly snapshotId: SnapshotId; readonly layerId: LayerId };
    }
  /** Until that one is stored. */
  | { readonly kind: 'wait'; readonly for: StoredRow }
  | { readonly kind: 'lost' };

/** What failed this often is waited for no longer: it may never come. */
const patience = 3;

export async function wayToStore(
  cloud: Cloud,
  row: StoredRow,
  layers: ReadonlyMap<LayerId, LayerStatus>,
): Promise<WayToStore> {
  const here = layers.has(row.layer_id);
  const twins = await rowsOf(cloud, row.layer_id, row.snapshot_id);
  const from = nearest(row, twins);
  // What can't be copied (a damaged block, a store that is away) is read from the layer every second time.
  if (from !== undefined && !(here && row.attempts % 2 === 1)) {
    return { kind: 'copy', from: { region: from.region, snapshotId: from.snapshot_id } };
  }
  const source = twins.find((twin) => twin.snapshot_id === row.source_snapshot_id);
  if (source !== undefined && isWorthWaiting(source)) return { kind: 'wait', for: source };
  const elder = twins.find(
    (twin) => twin.region === row.region && twin.state === 'wanted' && isBefore(twin, row),
  );
  if (elder !== undefined && isWorthWaiting(elder)) return { kind: 'wait', for: elder };
  if (!here) return { kind: 'lost' };
  return await ingest(cloud, row, layers);
}

/** Up the chain of layers, to the first that a snapshot of the region holds. */
async function ingest(
  cloud: Cloud,
  row: StoredRow,
  layers: ReadonlyMap<LayerId, LayerStatus>,
): Promise<WayToStore> {
  for (
    let id = layers.get(row.layer_id)?.parentLayerId;
    id !== undefined;
    id = layers.get(id)?.parentLayerId
  ) {
    const below = (await rowsOf(cloud, id, row.snapshot_id)).filter((each) => each.region === row.region);
    const stored = below.find((each) => each.state === 'stored');
    if (stored !== undefined) {
      return { kind: 'ingest', parent: { snapshotId: stored.snapshot_id, layerId: id } };
    }
    const coming = below.find(isWorthWaiting);
    if (coming !== undefined) return { kind: 'wait', for: coming };
  }
  return { kind: 'ingest' };
}

function nearest(row: StoredRow, twins: readonly StoredRow[]): StoredRow | undefined {
  const stored = twins.filter((twin) => twin.state === 'stored');
  return (
    stored.find((twin) => twin.region === row.region) ??
    stored.find((twin) => twin.snapshot_id === row.source_snapshot_id) ??
    stored[0]
  );
}

function isWorthWaiting(row: StoredRow): boolean {
  return row.state !== 'stored' && row.released === 0 && row.attempts < patience;
}

function isBefore(a: StoredRow, b: StoredRow): boolean {
  return a.wanted_at < b.wanted_at || (a.wanted_at === b.wanted_at && a.snapshot_id < b.snapshot_id);
}

async function rowsOf(cloud: Cloud, layerId: LayerId, but: SnapshotId): Promise<readonly StoredRow[]> {
  return await cloud.db.read
    .selectFrom('stored_snapshots')
    .selectAll()
    .where('layer_id', '=', layerId)
    .where('snapshot_id', '!=', but)
    .orderBy('wanted_at')
    .orderBy('snapshot_id')
    .execute();
}
