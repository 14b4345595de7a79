/** Brings one snapshot into its region's vault: the node is asked until the transfer rests. */
import { setTimeout as delay } from 'node:timers/promises';
import type { TransferStatus } from '../../node/vault-contract.ts';
import type { SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { StoredRow } from './record.ts';
import { noteFailure, noteProgress, noteStored } from './settle-stored.ts';
import type { WayToStore } from './way-to-store.ts';

const longestPauseMs = 250;

export async function storeSnapshot(
  cloud: Cloud,
  row: StoredRow,
  way: Exclude<WayToStore, { readonly kind: 'wait' }>,
): Promise<void> {
  while (await isWanted(cloud, row.snapshot_id)) {
    const status = await asked(cloud, row, way);
    if (status.state === 'completed') {
      await noteStored(cloud, row, status);
      break;
    }
    if (status.state === 'failed') {
      await noteFailure(cloud, row, status.reason ?? 'the node gave no reason');
      return;
    }
    await noteProgress(cloud, row, status);
    const pauseMs = Math.min(longestPauseMs, cloud.config.reconcileIntervalMs);
    const closed = await delay(pauseMs, false, { signal: cloud.closing }).catch(() => true);
    if (closed) return;
  }
  // Whoever deleted it told the vault so, but perhaps before it was asked for the last time.
  if (!(await isNamed(cloud, row.snapshot_id))) {
    const { region, node_id: nodeId, snapshot_id: snapshotId } = row;
    await cloud.nodes.get(nodeId).deleteStoredSnapshots({ region, snapshotIds: [snapshotId] });
  }
}

async function asked(
  cloud: Cloud,
  row: StoredRow,
  way: Exclude<WayToStore, { readonly kind: 'wait' }>,
): Promise<TransferStatus> {
  const node = cloud.nodes.get(row.node_id);
  try {
    switch (way.kind) {
      case 'lost':
        return failed(`Neither its layer ${row.layer_id} nor any vault has its content`);
      case 'copy':
        return await node.copySnapshot({
          fromRegion: way.from.region,
          snapshotId: way.from.snapshotId,
          toRegion: row.region,
          copyId: row.snapshot_id,
          details: await detailsOf(cloud, row.snapshot_id),
        });
      case 'ingest':
        return await node.ingestSnapshot({
          region: row.region,
          snapshotId: row.snapshot_id,
          layerId: row.layer_id,
          ...(way.parent === undefined ? {} : { parent: way.parent }),
          details: await detailsOf(cloud, row.snapshot_id),
        });
      default:
        return way satisfies never;
    }
  } catch (error) {
    if (cloud.closing.aborted || !(error instanceof Error)) throw error;
    return failed(error.message);
  }
}

function failed(reason: string): TransferStatus {
  return { state: 'failed', bytesDone: 0, bytesTotal: 0, reason };
}

async function detailsOf(cloud: Cloud, snapshotId: SnapshotId) {
  const row = await cloud.db.read
    .selectFrom('snapshots')
    .select(['volume_id', 'description', 'started_at'])
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  return row === undefined
    ? {}
    : { volumeId: row.volume_id, description: row.description, startedAt: row.started_at };
}

async function isWanted(cloud: Cloud, snapshotId: SnapshotId): Promise<boolean> {
  const row = await cloud.db.read
    .selectFrom('stored_snapshots')
    .select('state')
    .where('snapshot_id', '=', snapshotId)
    .where('released', '=', 0)
    .executeTakeFirst();
  return row?.state === 'wanted';
}

async function isNamed(cloud: Cloud, snapshotId: SnapshotId): Promise<boolean> {
  const row = await cloud.db.read
    .selectFrom('stored_snapshots')
    .select('snapshot_id')
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  return row !== undefined;
}
