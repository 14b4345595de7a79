/** RegisterImage's parameters: EC2's defaults are those of 2006, so what this cloud runs must be said. */
import type { BlockDeviceMapping, RegisterImageRequest } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidParameterValue, invalidValue, unsupported } from '../../ec2/request-faults.ts';
import type { Architecture, Firmware } from '../../platform/ids.ts';
import { addedDevice } from './captured-devices.ts';
import { checkedDescription, checkedName } from './image-name.ts';
import type { StoredBlockDevice } from './record.ts';

export interface RegisterRequest {
  readonly name: string;
  readonly description: string | null;
  readonly architecture: Architecture;
  readonly firmware: Firmware;
  readonly bootMode: string | null;
  readonly rootDeviceName: string;
  readonly devices: readonly StoredBlockDevice[];
  readonly enaSupport: boolean;
  readonly imdsSupport: string | null;
}

/** Tools send an empty text where nothing was chosen; EC2 takes it for none. */
export function registerRequest(request: RegisterImageRequest): RegisterRequest {
  const chosen = Object.entries(request).filter(([, value]) => value !== '');
  const input = Object.fromEntries(chosen) as unknown as RegisterImageRequest;
  refuseUnserved(input);
  const architecture = checkedArchitecture(input);
  const rootDeviceName = input.RootDeviceName ?? '/dev/sda1';
  return {
    name: checkedName(input.Name),
    description: checkedDescription(input.Description),
    architecture,
    ...bootMode(input, architecture),
    rootDeviceName,
    devices: devices(input.BlockDeviceMappings ?? [], rootDeviceName),
    enaSupport: input.EnaSupport ?? false,
    imdsSupport: imdsSupport(input),
  };
}

function refuseUnserved(input: RegisterImageRequest): void {
  if (input.ImageLocation !== undefined) {
    throw unsupported('Images in Amazon S3 are not offered; register a snapshot as the root device instead');
  }
  if (input.KernelId !== undefined || input.RamdiskId !== undefined) {
    throw unsupported('An image boots with the kernel on its disk; leave KernelId and RamdiskId out');
  }
  if ((input.BillingProducts ?? []).length > 0) throw unsupported('This cloud has no billing products');
  if (input.TpmSupport !== undefined)
    throw unsupported('This cloud offers no NitroTPM; leave TpmSupport out');
  if (input.UefiData !== undefined) throw unsupported('UEFI variables cannot be given; leave UefiData out');
  if (input.SriovNetSupport !== undefined && input.SriovNetSupport !== 'simple') {
    throw invalidValue(input.SriovNetSupport, 'sriovNetSupport', 'Allowed: simple.');
  }
  const virtualization = input.VirtualizationType ?? 'paravirtual';
  if (virtualization === 'hvm') return;
  const why = input.VirtualizationType === undefined ? ', which is the default,' : '';
  throw invalidParameterValue(
    `Value (${virtualization}) for parameter virtualizationType is invalid. ${virtualization}${why} is not offered; give hvm.`,
  );
}

function checkedArchitecture({ Architecture: given }: RegisterImageRequest): Architecture {
  if (given === 'x86_64' || given === 'arm64') return given;
  const why = given === undefined ? ', which is the default,' : '';
  throw invalidParameterValue(
    `Value (${given ?? 'i386'}) for parameter architecture is invalid. ${given ?? 'i386'}${why} is not offered; give x86_64 or arm64.`,
  );
}

function bootMode(
  { BootMode: given }: RegisterImageRequest,
  architecture: Architecture,
): { readonly firmware: Firmware; readonly bootMode: string | null } {
  if (given !== undefined && !['legacy-bios', 'uefi', 'uefi-preferred'].includes(given)) {
    throw invalidValue(given, 'bootMode', 'Allowed: legacy-bios, uefi, uefi-preferred.');
  }
  if (architecture === 'arm64' && given === 'legacy-bios') {
    throw invalidParameterValue('The boot mode legacy-bios is not supported with the architecture arm64');
  }
  const uefi = architecture === 'arm64' || given === 'uefi' || given === 'uefi-preferred';
  return { firmware: uefi ? 'uefi' : 'bios', bootMode: given ?? null };
}

function imdsSupport({ ImdsSupport: given }: RegisterImageRequest): string | null {
  if (given === undefined || given === 'v2.0') return given ?? null;
  throw invalidValue(given, 'imdsSupport', 'Allowed: v2.0.');
}

function devices(given: readonly BlockDeviceMapping[], root: string): readonly StoredBlockDevice[] {
  for (const device of given) {
    if (device.Ebs?.SnapshotId === undefined || device.Ebs.Encrypted === undefined) continue;
    throw wrongMapping(
      `the encrypted flag cannot be specified since device ${device.DeviceName} has a snapshot specified.`,
    );
  }
  const stored = given.filter((device) => device.NoDevice === undefined).map(addedDevice);
  const names = stored.map((device) => device.deviceName);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined)
    throw wrongMapping(`The device '${repeated}' is used in more than one block-device mapping`);
  if (stored.some((device) => device.deviceName === root && device.ebs?.snapshotId !== undefined))
    return stored;
  throw wrongMapping(`The root device '${root}' must be in the block device mapping with an Ebs.SnapshotId`);
}

function wrongMapping(message: string): Ec2Fault {
  return new Ec2Fault('InvalidBlockDeviceMapping', message);
}
