/** What a new volume begins as: nothing, or a snapshot that the caller may use; and on which node. */
import type { CreateVolumeRequest } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidParameterValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { NodeFacts } from '../../node/contract.ts';
import type { LayerId, NodeId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { checkCompleted, findSnapshot } from '../snapshots/find-snapshot.ts';
import { checkedShape } from './volume-types.ts';

export interface VolumeSource {
  readonly size_gib: number;
  readonly volume_type: string;
  readonly iops: number | null;
  readonly throughput: number | null;
  readonly snapshot_id: SnapshotId | null;
  readonly parent_layer_id: LayerId | null;
  readonly node_id: NodeId;
}

export async function volumeSource(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
  input: CreateVolumeRequest,
  nodes: readonly NodeFacts[],
): Promise<VolumeSource> {
  const { SnapshotId: snapshotId = '' } = input;
  if (snapshotId === '' && input.Size === undefined) throw missingParameter('size or snapshot');
  const snapshot = snapshotId === '' ? undefined : await findSnapshot(db, caller, snapshotId);
  if (snapshot !== undefined) checkCompleted(snapshot);
  const sizeGiB = input.Size ?? snapshot?.volume_size_gib ?? 0;
  if (snapshot !== undefined && sizeGiB < snapshot.volume_size_gib) {
    throw invalidParameterValue(
      `Volume of size ${sizeGiB}GB is smaller than snapshot '${snapshot.snapshot_id}', expect size >= ${snapshot.volume_size_gib}GB`,
    );
  }
  const volumeType = input.VolumeType ?? 'gp2';
  return {
    size_gib: sizeGiB,
    volume_type: volumeType,
    ...checkedShape({ volumeType, sizeGiB, iops: input.Iops, throughput: input.Throughput }),
    snapshot_id: snapshot?.snapshot_id ?? null,
    parent_layer_id: snapshot?.layer_id ?? null,
    node_id: snapshot?.node_id ?? roomiest(nodes),
  };
}

function roomiest(nodes: readonly NodeFacts[]): NodeId {
  const best = nodes.toSorted((a, b) => b.diskFreeBytes - a.diskFreeBytes)[0];
  if (best !== undefined) return best.nodeId;
  throw new Ec2Fault('InsufficientVolumeCapacity', 'This cloud has no node to hold a volume');
}
