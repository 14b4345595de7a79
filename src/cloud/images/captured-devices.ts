/**
 * What CreateImage captures, and the block device mapping that the image gets. All attached volumes are
 * captured. The call may drop one, change its DeleteOnTermination, or add devices that launches shall get;
 * it may not change what an existing volume is (EC2 API reference, CreateImage BlockDeviceMapping).
 */
import type { BlockDeviceMapping } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import { checkIds } from '../../ec2/resource-faults.ts';
import type { SnapshotId, VolumeId } from '../../platform/ids.ts';
import type { InstanceRow } from '../instances/record.ts';
import type { VolumeRow } from '../volumes/record.ts';
import type { StoredBlockDevice } from './record.ts';

export interface CapturedDevices {
  readonly captured: readonly VolumeRow[];
  /** What the call adds to the mapping; the instance has no such device. */
  readonly added: readonly StoredBlockDevice[];
  readonly mapping: (snapshots: ReadonlyMap<VolumeId, SnapshotId>) => readonly StoredBlockDevice[];
}

export function capturedDevices(
  volumes: readonly VolumeRow[],
  instance: Pick<InstanceRow, 'instance_id' | 'root_device_name'>,
  overrides: readonly BlockDeviceMapping[] | undefined,
): CapturedDevices {
  const byDevice = new Map((overrides ?? []).map((override) => [deviceName(override), override]));
  const dropped = (volume: VolumeRow) => byDevice.get(volume.device_name ?? '')?.NoDevice !== undefined;
  const captured = volumes.filter((volume) => !dropped(volume));
  if (!captured.some((volume) => volume.is_root === 1)) {
    throw new Ec2Fault(
      'InvalidBlockDeviceMapping',
      `The root device ${instance.root_device_name} of ${instance.instance_id} cannot be left out of its image`,
    );
  }
  for (const volume of captured) checkUnchanged(volume, byDevice.get(volume.device_name ?? ''));
  const existing = new Set(volumes.map((volume) => volume.device_name));
  const added = [...byDevice.values()]
    .filter((override) => !existing.has(deviceName(override)) && override.NoDevice === undefined)
    .map(addedDevice);
  return {
    captured,
    added,
    mapping: (snapshots) =>
      captured.map((volume) => capturedDevice(volume, byDevice.get(volume.device_name ?? ''), snapshots)),
  };
}

function deviceName(override: BlockDeviceMapping): string {
  if (override.DeviceName === undefined || override.DeviceName === '') {
    throw new Ec2Fault(
      'MissingParameter',
      'The request must contain the parameter BlockDeviceMapping.DeviceName',
    );
  }
  return override.DeviceName;
}

function checkUnchanged(volume: VolumeRow, override: BlockDeviceMapping | undefined): void {
  const { Ebs: ebs } = override ?? {};
  if (ebs === undefined) return;
  const changed = [
    ebs.VolumeSize !== undefined && ebs.VolumeSize !== volume.size_gib ? 'VolumeSize' : undefined,
    ebs.Encrypted === true ? 'Encrypted' : undefined,
    ebs.SnapshotId !== undefined ? 'SnapshotId' : undefined,
  ].filter((name) => name !== undefined);
  if (changed.length === 0) return;
  throw new Ec2Fault(
    'InvalidBlockDeviceMapping',
    `${changed.join(', ')} of the attached device ${volume.device_name} cannot be changed by CreateImage; ` +
      'only DeleteOnTermination can',
  );
}

function capturedDevice(
  volume: VolumeRow,
  override: BlockDeviceMapping | undefined,
  snapshots: ReadonlyMap<VolumeId, SnapshotId>,
): StoredBlockDevice {
  const snapshotId = snapshots.get(volume.volume_id);
  return {
    deviceName: volume.device_name ?? '',
    ebs: {
      ...(snapshotId === undefined ? {} : { snapshotId }),
      sizeGiB: volume.size_gib,
      volumeType: volume.volume_type,
      ...(volume.iops === null ? {} : { iops: volume.iops }),
      ...(volume.throughput === null ? {} : { throughput: volume.throughput }),
      deleteOnTermination: override?.Ebs?.DeleteOnTermination ?? volume.delete_on_termination === 1,
    },
  };
}

/** A device that is not on the instance: an empty volume, one from a snapshot, or an ephemeral place. */
export function addedDevice(override: BlockDeviceMapping): StoredBlockDevice {
  const name = deviceName(override);
  const { Ebs: ebs, VirtualName: virtualName = '' } = override;
  if (virtualName !== '') return { deviceName: name, virtualName };
  const snapshotId = ebs?.SnapshotId === '' ? undefined : ebs?.SnapshotId;
  if (ebs?.Encrypted === true) {
    throw new Ec2Fault('UnsupportedOperation', `Encrypted volumes are not offered by this cloud (${name})`);
  }
  checkIds('snapshot', snapshotId === undefined ? [] : [snapshotId]);
  if (ebs === undefined || (ebs.VolumeSize === undefined && snapshotId === undefined)) {
    throw new Ec2Fault('MissingParameter', `The device ${name} needs Ebs.VolumeSize or Ebs.SnapshotId`);
  }
  return {
    deviceName: name,
    ebs: {
      ...(snapshotId === undefined ? {} : { snapshotId: snapshotId as SnapshotId }),
      sizeGiB: ebs.VolumeSize ?? 0,
      volumeType: ebs.VolumeType ?? 'gp3',
      ...(ebs.Iops === undefined ? {} : { iops: ebs.Iops }),
      ...(ebs.Throughput === undefined ? {} : { throughput: ebs.Throughput }),
      deleteOnTermination: ebs.DeleteOnTermination ?? true,
    },
  };
}
