/** RunInstances, first half: everything that can be wrong with a launch is found before anything is written. */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findImage } from '../images/find-image.ts';
import { type ImageRow, imageCan } from '../images/record.ts';
import { type LaunchNetwork, launchNetwork } from '../network/launch-network.ts';
import { type RequestedTags, requestedTags } from '../tags/tag-specifications.ts';
import { findInstanceType, type InstanceType, instanceTypes } from './instance-types.ts';
import { type LaunchDevice, launchDevices } from './launch-devices.ts';

export interface LaunchRequest {
  readonly image: ImageRow;
  readonly type: InstanceType;
  readonly minCount: number;
  readonly maxCount: number;
  readonly devices: readonly LaunchDevice[];
  readonly network: LaunchNetwork;
  readonly key: { readonly name: string; readonly publicKey: string } | undefined;
  readonly userData: Uint8Array | undefined;
  readonly shutdownBehavior: 'stop' | 'terminate';
  readonly terminationProtected: boolean;
  readonly stopProtected: boolean;
  readonly tags: RequestedTags;
}

const maxUserDataBytes = 16_384;

export async function launchRequest(
  cloud: Cloud,
  input: RunInstancesRequest,
  caller: Caller,
): Promise<LaunchRequest> {
  const image = await launchableImage(cloud, caller, input.ImageId);
  const { minCount, maxCount } = counts(input);
  return {
    image,
    type: typeFor(input, image),
    minCount,
    maxCount,
    devices: launchDevices(image, input.BlockDeviceMappings),
    network: await launchNetwork(cloud, input, caller),
    key: await keyPair(cloud, input, caller),
    userData: userData(input.UserData),
    shutdownBehavior: shutdownBehavior(input),
    terminationProtected: input.DisableApiTermination ?? false,
    stopProtected: input.DisableApiStop ?? false,
    tags: requestedTags(input.TagSpecifications, [
      'instance',
      'volume',
      'network-interface',
      'spot-instances-request',
    ]),
  };
}

async function launchableImage(cloud: Cloud, caller: Caller, imageId: string | undefined): Promise<ImageRow> {
  if (imageId === undefined) {
    throw new Ec2Fault('MissingParameter', 'The request must contain the parameter ImageId');
  }
  const image = await findImage(cloud, caller, imageId);
  if (imageCan(image, 'launch')) return image;
  throw new Ec2Fault(
    'InvalidAMIID.Unavailable',
    `The image ID: '${image.image_id}' is no longer available; it is ${image.state}`,
  );
}

function counts(input: RunInstancesRequest): { readonly minCount: number; readonly maxCount: number } {
  const { MinCount: minCount, MaxCount: maxCount } = input;
  if (minCount === undefined || maxCount === undefined) {
    const name = minCount === undefined ? 'MinCount' : 'MaxCount';
    throw new Ec2Fault('MissingParameter', `The request must contain the parameter ${name}`);
  }
  if (minCount < 1 || maxCount < minCount) {
    throw new Ec2Fault(
      'InvalidParameterValue',
      `MinCount must be at least 1 and at most MaxCount; given: ${minCount} and ${maxCount}`,
    );
  }
  return { minCount, maxCount };
}

function typeFor(input: RunInstancesRequest, image: ImageRow): InstanceType {
  const name = input.InstanceType ?? (image.architecture === 'arm64' ? 't4g.micro' : 't3.micro');
  const type = findInstanceType(name);
  if (type === undefined) {
    const offered = instanceTypes.filter((offer) => offer.architecture === image.architecture);
    throw new Ec2Fault(
      'InvalidParameterValue',
      `Invalid value '${name}' for InstanceType. Offered: ${offered.map((offer) => offer.name).join(', ')}.`,
    );
  }
  if (type.architecture !== image.architecture) {
    throw new Ec2Fault(
      'InvalidParameterValue',
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture ` +
        `'${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching ` +
        `architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover ` +
        `the architecture of the instance type or AMI.`,
    );
  }
  return type;
}

async function keyPair(
  cloud: Cloud,
  input: RunInstancesRequest,
  caller: Caller,
): Promise<LaunchRequest['key']> {
  if (input.KeyName === undefined || input.KeyName === '') return undefined;
  const key = await cloud.db.read
    .selectFrom('key_pairs')
    .select(['key_name', 'public_key'])
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .where('key_name', '=', input.KeyName)
    .executeTakeFirst();
  if (key === undefined) {
    throw new Ec2Fault('InvalidKeyPair.NotFound', `The key pair '${input.KeyName}' does not exist`);
  }
  return { name: key.key_name, publicKey: key.public_key };
}

function userData(encoded: string | undefined): Uint8Array | undefined {
  if (encoded === undefined || encoded === '') return undefined;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(encoded)) {
    throw new Ec2Fault('InvalidParameterValue', 'Invalid BASE64 encoding of user data.');
  }
  const decoded = Buffer.from(encoded, 'base64');
  if (decoded.length > maxUserDataBytes) {
    throw new Ec2Fault('InvalidParameterValue', `User data is limited to ${maxUserDataBytes} bytes`);
  }
  return decoded;
}

function shutdownBehavior(input: RunInstancesRequest): 'stop' | 'terminate' {
  const wanted = input.InstanceInitiatedShutdownBehavior ?? 'stop';
  if (wanted === 'stop' || wanted === 'terminate') return wanted;
  throw new Ec2Fault(
    'InvalidParameterValue',
    `Invalid value '${wanted as string}' for InstanceInitiatedShutdownBehavior. Allowed: stop, terminate.`,
  );
}
