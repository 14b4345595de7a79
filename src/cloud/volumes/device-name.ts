/** The names that EC2 lets a volume be attached under, and when two of them mean the same place. */
import { invalidParameterValue, invalidValue } from '../../ec2/request-faults.ts';
import type { VolumeRow } from './record.ts';

/** 'sdf', '/dev/sdf', '/dev/sda1', '/dev/xvdf', '/dev/xvdba' (device naming, EC2 user guide). */
const deviceForm = /^(?:\/dev\/)?(?:sd[a-z]|xvd[a-z][a-z]?)(?:[1-9]|1[0-5])?$/;

/** As on EC2's current types; the root counts too. */
export const maxAttachments = 27;

export function isDeviceName(device: string): boolean {
  return deviceForm.test(device);
}

export function checkedDevice(device: string): string {
  if (isDeviceName(device)) return device;
  throw invalidValue(device, 'device', `${device} is not a valid EBS device name.`);
}

export function checkFree(device: string, volumes: readonly Pick<VolumeRow, 'device_name'>[]): void {
  const wanted = place(device);
  if (!volumes.some((volume) => volume.device_name !== null && place(volume.device_name) === wanted)) return;
  throw invalidParameterValue(
    `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
  );
}

/** '/dev/xvdf' and 'sdf' are one place. */
export function place(device: string): string {
  return device.replace(/^\/dev\//, '').replace(/^xvd/, 'sd');
}
