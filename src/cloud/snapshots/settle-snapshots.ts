/** Taking the instant of volumes on a node, and what the rows say afterwards: shared by images and snapshots. */
import type { Transaction } from 'kysely';
import { NodeError, type SnapshotRequest, type SnapshotResult } from '../../node/contract.ts';
import type { InstanceId, LayerId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { wantStored } from '../vault/want-stored.ts';
import type { SnapshotRow } from './record.ts';

/** Asks the node for one instant of all these pending snapshots. Asking again gives the same instant. */
export async function takeInstant(
  cloud: Cloud,
  snapshots: readonly SnapshotRow[],
  options: { readonly instanceId?: InstanceId; readonly freeze: SnapshotRequest['freeze'] },
): Promise<SnapshotResult> {
  const [first] = snapshots;
  if (first === undefined) throw new Error('An instant needs at least one volume');
  return await cloud.nodes.get(first.node_id).snapshotVolumes({
    ...(options.instanceId === undefined ? {} : { instanceId: options.instanceId }),
    freeze: options.freeze,
    volumes: snapshots.map((snapshot) => ({
      volumeId: snapshot.volume_id,
      frozenLayerId: snapshot.layer_id,
      nextLayerId: snapshot.next_layer_id as LayerId,
    })),
  });
}

/**
 * The volumes go on in their next layers; the snapshots hold the frozen ones and are complete, or wait for the
 * vault where the configuration asks for that.
 */
export async function completeSnapshots(
  tx: Transaction<Schema>,
  cloud: Cloud,
  snapshots: readonly SnapshotRow[],
  takenAt: string,
): Promise<void> {
  const inVault = cloud.config.durability === 'vault';
  for (const snapshot of snapshots) {
    if (snapshot.next_layer_id !== null) {
      await tx
        .updateTable('volumes')
        .set({ layer_id: snapshot.next_layer_id })
        .where('volume_id', '=', snapshot.volume_id)
        .where('layer_id', '=', snapshot.layer_id)
        .execute();
    }
    await tx
      .updateTable('snapshots')
      .set({
        ...(inVault ? {} : { state: 'completed', progress: 100, completed_at: takenAt }),
        started_at: takenAt,
        next_layer_id: null,
      })
      .where('snapshot_id', '=', snapshot.snapshot_id)
      .where('state', '=', 'pending')
      .execute();
    if (inVault) await wantStored(tx, { ...snapshot, started_at: takenAt });
  }
}

export async function deleteSnapshotRows(
  tx: Transaction<Schema>,
  snapshotIds: readonly SnapshotId[],
): Promise<void> {
  if (snapshotIds.length === 0) return;
  await tx.deleteFrom('tags').where('resource_id', 'in', snapshotIds).execute();
  await tx.deleteFrom('snapshot_permissions').where('snapshot_id', 'in', snapshotIds).execute();
  await tx.deleteFrom('snapshots').where('snapshot_id', 'in', snapshotIds).execute();
}

/** After these the node has certainly not switched the volumes to their next layers. */
export function certainlyNotTaken(error: unknown): error is NodeError {
  return error instanceof NodeError && error.kind !== 'internal';
}
