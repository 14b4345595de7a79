import { EbsFault, snapshotNotFound } from '../../ec2/ebs/faults.ts';
import { NodeError } from '../../node/contract.ts';
import type { SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { sweepKey } from '../layers/sweep-layers.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { deleteSnapshotRows } from '../snapshots/settle-snapshots.ts';
import { bytesPerGiB } from '../volumes/make-layers.ts';
import type { BlockWriteRow } from './find-snapshot.ts';

/** Has the node make room for a pending snapshot; asked again it finds it made. What it refuses leaves no row. */
export async function beginBlockWrite(cloud: Cloud, snapshotId: SnapshotId): Promise<SnapshotRow> {
  const snapshot = await cloud.db.read
    .selectFrom('snapshots')
    .selectAll()
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  if (snapshot === undefined) throw snapshotNotFound(snapshotId);
  if (snapshot.state !== 'pending') return snapshot;
  const write = await cloud.db.read
    .selectFrom('block_writes')
    .selectAll()
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirstOrThrow();
  try {
    await begin(cloud, snapshot, write);
  } catch (error) {
    if (!(error instanceof NodeError) || error.kind !== 'disk-full') throw error;
    await cloud.db.write((tx) => deleteSnapshotRows(tx, [snapshotId]));
    throw new EbsFault('ServiceQuotaExceededException', `The snapshot has no room: ${error.message}.`, {
      reason: 'DEPENDENCY_SERVICE_QUOTA_EXCEEDED',
      cause: error,
    });
  }
  return snapshot;
}

async function begin(cloud: Cloud, snapshot: SnapshotRow, write: BlockWriteRow): Promise<void> {
  const { layer_id: layerId, node_id: nodeId, region } = snapshot;
  const { parent_layer_id: parentLayerId, parent_snapshot_id: parentId } = write;
  const node = cloud.nodes.get(nodeId);
  const request = {
    layerId,
    sizeBytes: snapshot.volume_size_gib * bytesPerGiB,
    ...(parentLayerId === null ? {} : { parentLayerId }),
  };
  try {
    await node.startBlockWrite(request);
  } catch (error) {
    if (!(error instanceof NodeError) || error.kind !== 'unknown-layer') throw error;
    if (parentLayerId === null || parentId === null) throw error;
    // The parent is in the vault alone. Not while a sweep, whose rows are older than this one's, deletes it.
    await cloud.queue.run([sweepKey(nodeId)], () =>
      node.fetchLayer({ layerId: parentLayerId, region, snapshotId: parentId }),
    );
    await node.startBlockWrite(request);
  }
}
