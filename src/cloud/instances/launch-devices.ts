/** The volumes of a launch: the image's mapping, changed and added to by the call's (RunInstances reference). */
import type { BlockDeviceMapping } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import { missingParameter, unsupported } from '../../ec2/request-faults.ts';
import { addedDevice } from '../images/captured-devices.ts';
import { blockDevices, type ImageRow, type StoredBlockDevice } from '../images/record.ts';
import { isDeviceName, maxAttachments, place } from '../volumes/device-name.ts';

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
      throw missingParameter('BlockDeviceMapping.DeviceName');
    }
    const known = devices.get(name);
    if (override.NoDevice !== undefined) devices.delete(name);
    else if (known?.ebs === undefined) devices.set(name, addedDevice(override));
    else devices.set(name, changed(known, known.ebs, override));
  }
  checkDevices([...devices.keys()]);
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

/** '/dev/sdf' and '/dev/xvdf' are one place, and each has one volume. */
function checkDevices(names: readonly string[]): void {
  const repeated = names.find(
    (name, index) => names.findIndex((other) => place(other) === place(name)) < index,
  );
  if (repeated !== undefined) {
    throw new Ec2Fault(
      'InvalidBlockDeviceMapping',
      `The device '${repeated}' is used in more than one block-device mapping`,
    );
  }
  const wrong = names.find((name) => !isDeviceName(name));
  if (wrong !== undefined) throw new Ec2Fault('InvalidBlockDeviceMapping', `Invalid device name ${wrong}`);
  if (names.length <= maxAttachments) return;
  throw new Ec2Fault(
    'AttachmentLimitExceeded',
    `An instance can have ${maxAttachments} volumes; the launch asks for ${names.length}`,
  );
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
    throw unsupported(`Encrypted volumes are not offered by this cloud (${device.deviceName})`);
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
  const { iops: _, throughput: __, ...shape } = ebs;
  const volumeType = wanted.VolumeType ?? ebs.volumeType;
  return {
    ...device,
    ebs: {
      // What the image's type was provisioned with says nothing of another type.
      ...(volumeType === ebs.volumeType ? ebs : shape),
      sizeGiB: wanted.VolumeSize ?? ebs.sizeGiB,
      volumeType,
      ...(wanted.Iops === undefined ? {} : { iops: wanted.Iops }),
      ...(wanted.Throughput === undefined ? {} : { throughput: wanted.Throughput }),
      deleteOnTermination: wanted.DeleteOnTermination ?? ebs.deleteOnTermination,
    },
  };
}
