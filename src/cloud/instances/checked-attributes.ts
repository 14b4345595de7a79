/** Rules for what both RunInstances and ModifyInstanceAttribute set. */
import { invalidParameterValue } from '../../ec2/request-faults.ts';
import type { Architecture } from '../../platform/ids.ts';
import { findInstanceType, type InstanceType, instanceTypes } from './instance-types.ts';

const maxUserDataBytes = 16_384;

export function checkedInstanceType(name: string, architecture: Architecture): InstanceType {
  const type = findInstanceType(name);
  if (type === undefined) {
    const offered = instanceTypes.filter((offer) => offer.architecture === architecture);
    throw invalidParameterValue(
      `Invalid value '${name}' for InstanceType. Offered: ${offered.map((offer) => offer.name).join(', ')}.`,
    );
  }
  if (type.architecture !== architecture) {
    throw invalidParameterValue(
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture ` +
        `'${architecture}' of the specified AMI. Specify an instance type and an AMI that have matching ` +
        `architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover ` +
        `the architecture of the instance type or AMI.`,
    );
  }
  return type;
}

/** User data comes as base64 of at most 16 KiB. */
export function decodedUserData(encoded: string | undefined): Uint8Array | undefined {
  if (encoded === undefined || encoded === '') return undefined;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(encoded)) {
    throw invalidParameterValue('Invalid BASE64 encoding of user data.');
  }
  return checkedUserData(Buffer.from(encoded, 'base64'));
}

export function checkedUserData(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= maxUserDataBytes) return bytes;
  throw invalidParameterValue(`User data is limited to ${maxUserDataBytes} bytes; given: ${bytes.length}`);
}

export function checkedShutdownBehavior(wanted: string): 'stop' | 'terminate' {
  if (wanted === 'stop' || wanted === 'terminate') return wanted;
  throw invalidParameterValue(
    `Invalid value '${wanted}' for InstanceInitiatedShutdownBehavior. Allowed: stop, terminate.`,
  );
}
