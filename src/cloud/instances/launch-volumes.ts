/**
 * The volumes of a launch as their rows will say. Read once for a dry run, and once more in the transaction
 * that then refers to the snapshots' layers, so that none of them can go in between.
 */
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import { notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { LayerId, NodeId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { blockDevices, type ImageRow } from '../images/record.ts';
import type { Schema } from '../schema.ts';
import { checkCompleted, findSnapshot } from '../snapshots/find-snapshot.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { checkedShape } from '../volumes/volume-types.ts';
import type { LaunchDevice } from './launch-devices.ts';

type Db = Cloud['db']['read'] | Transaction<Schema>;

export interface LaunchVolume {
  /** Where its snapshot is, and so the launch must go. */
  readonly nodeId: NodeId | undefined;
  readonly columns: {
    readonly device_name: string;
    readonly size_gib: number;
    readonly volume_type: string;
    readonly iops: number | null;
    readonly throughput: number | null;
    readonly snapshot_id: SnapshotId | null;
    readonly parent_layer_id: LayerId | null;
    readonly delete_on_termination: number;
    readonly is_root: number;
  };
}

export async function launchVolumes(
  db: Db,
  caller: Caller,
  image: ImageRow,
  devices: readonly LaunchDevice[],
): Promise<readonly LaunchVolume[]> {
  const volumes: LaunchVolume[] = [];
  for (const device of devices) volumes.push(await launchVolume(db, caller, image, device));
  return volumes;
}

async function launchVolume(
  db: Db,
  caller: Caller,
  image: ImageRow,
  { deviceName, ebs }: LaunchDevice,
): Promise<LaunchVolume> {
  const snapshot =
    ebs.snapshotId === undefined ? undefined : await snapshotOf(db, caller, image, ebs.snapshotId);
  const sizeGiB = ebs.sizeGiB > 0 ? ebs.sizeGiB : (snapshot?.volume_size_gib ?? ebs.sizeGiB);
  if (snapshot !== undefined && sizeGiB < snapshot.volume_size_gib) {
    throw new Ec2Fault(
      'InvalidBlockDeviceMapping',
      `Volume of size ${sizeGiB}GB is smaller than snapshot '${snapshot.snapshot_id}', expect size >= ${snapshot.volume_size_gib}GB`,
    );
  }
  const { volumeType, iops, throughput } = ebs;
  return {
    nodeId: snapshot?.node_id,
    columns: {
      device_name: deviceName,
      size_gib: sizeGiB,
      volume_type: volumeType,
      ...checkedShape({ volumeType, sizeGiB, iops, throughput }),
      snapshot_id: snapshot?.snapshot_id ?? null,
      parent_layer_id: snapshot?.layer_id ?? null,
      delete_on_termination: ebs.deleteOnTermination ? 1 : 0,
      is_root: deviceName === image.root_device_name ? 1 : 0,
    },
  };
}

/** Who may launch an image may use its snapshots; any other must be the caller's to use. */
async function snapshotOf(
  db: Db,
  caller: Caller,
  image: ImageRow,
  snapshotId: SnapshotId,
): Promise<SnapshotRow> {
  const ofImage = blockDevices(image).some((device) => device.ebs?.snapshotId === snapshotId);
  const snapshot = ofImage
    ? await db.selectFrom('snapshots').selectAll().where('snapshot_id', '=', snapshotId).executeTakeFirst()
    : await findSnapshot(db, caller, snapshotId);
  if (snapshot === undefined) throw notFound('snapshot', snapshotId);
  checkCompleted(snapshot);
  return snapshot;
}
