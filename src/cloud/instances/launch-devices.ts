/** The volumes of a launch: the image's mapping, changed and added to by the call's (RunInstances reference). */
import type { BlockDeviceMapping } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import { addedDevice } from '../images/captured-devices.ts';
import { blockDevices, type ImageRow, type StoredBlockDevice } from '../images/record.ts';

export type LaunchDevice = StoredBlockDevice & { readonly ebs: NonNullable<StoredBlockDevice['ebs']> };

/** Root first; devices without a volume (ephemeral ones) are left out. */
export function launchDevices(
  image: ImageRow,
  overrides: readonly BlockDeviceMapping[] | undefined,
): readonly LaunchDevice[] {
  const devices = new Map(blockDevices(image).map((device) => [device.deviceName, device]));
  for (const override of overrides ?? []) {
    const name = override.DeviceName;
    if (name === undefined || name === '') {
      throw new Ec2Fault(
        'MissingParameter',
        'The request must contain the parameter BlockDeviceMapping.DeviceName',
      );
    }
    const known = devices.get(name);
    if (override.NoDevice !== undefined) devices.delete(name);
    else if (known?.ebs === undefined) devices.set(name, addedDevice(override));
    else devices.set(name, changed(known, known.ebs, override));
  }
  if (!devices.has(image.root_device_name)) {
    throw new Ec2Fault(
      'InvalidBlockDeviceMapping',
      `The root device ${image.root_device_name} of ${image.image_id} cannot be left out of a launch`,
    );
  }
  return [...devices.values()]
    .filter((device): device is LaunchDevice => device.ebs !== undefined)
    .sort((a, b) => rank(a, image) - rank(b, image) || a.deviceName.localeCompare(b.deviceName));
}

function rank(device: StoredBlockDevice, image: ImageRow): number {
  return device.deviceName === image.root_device_name ? 0 : 1;
}

function changed(
  device: StoredBlockDevice,
  ebs: NonNullable<StoredBlockDevice['ebs']>,
  { Ebs: wanted }: BlockDeviceMapping,
): StoredBlockDevice {
  if (wanted === undefined) return device;
  if (wanted.Encrypted === true) {
    throw new Ec2Fault(
      'UnsupportedOperation',
      `Encrypted volumes are not offered by this cloud (${device.deviceName})`,
    );
  }
  if (wanted.SnapshotId !== undefined && wanted.SnapshotId !== ebs.snapshotId) {
    throw new Ec2Fault(
      'InvalidBlockDeviceMapping',
      `The snapshot of ${device.deviceName} is the image's (${ebs.snapshotId}); a launch cannot change it`,
    );
  }
  if (wanted.VolumeSize !== undefined && wanted.VolumeSize < ebs.sizeGiB) {
    throw new Ec2Fault(
      'InvalidBlockDeviceMapping',
      `Volume of size ${wanted.VolumeSize}GB is smaller than snapshot '${ebs.snapshotId}', expect size>= ${ebs.sizeGiB}GB`,
    );
  }
  return {
    ...device,
    ebs: {
      ...ebs,
      sizeGiB: wanted.VolumeSize ?? ebs.sizeGiB,
      volumeType: wanted.VolumeType ?? ebs.volumeType,
      ...(wanted.Iops === undefined ? {} : { iops: wanted.Iops }),
      ...(wanted.Throughput === undefined ? {} : { throughput: wanted.Throughput }),
      deleteOnTermination: wanted.DeleteOnTermination ?? ebs.deleteOnTermination,
    },
  };
}
