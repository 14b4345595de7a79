/** RunInstances, first half: everything that can be wrong with a launch is found before anything is written. */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidParameterValue, missingParameter } from '../../ec2/request-faults.ts';
import { imageUnavailable } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findImage } from '../images/find-image.ts';
import { type ImageRow, imageCan } from '../images/record.ts';
import { type LaunchNetwork, launchNetwork } from '../network/launch-network.ts';
import { type RequestedTags, requestedTags } from '../tags/tag-specifications.ts';
import { checkedInstanceType, checkedShutdownBehavior, decodedUserData } from './checked-attributes.ts';
import type { InstanceType } from './instance-types.ts';
import { type LaunchDevice, launchDevices } from './launch-devices.ts';
import { checkCpuOptions, refuseUnserved } from './launch-refusals.ts';

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
  readonly ebsOptimized: boolean;
  readonly tags: RequestedTags;
}

export async function launchRequest(
  cloud: Cloud,
  input: RunInstancesRequest,
  caller: Caller,
): Promise<LaunchRequest> {
  refuseUnserved(input);
  const image = await launchableImage(cloud, caller, input.ImageId);
  const { minCount, maxCount } = counts(input);
  const type = typeFor(input, image);
  checkCpuOptions(input, type);
  return {
    image,
    type,
    minCount,
    maxCount,
    devices: launchDevices(image, input.BlockDeviceMappings),
    network: await launchNetwork(cloud, input, caller),
    key: await keyPair(cloud, input, caller),
    userData: decodedUserData(input.UserData),
    shutdownBehavior: checkedShutdownBehavior(input.InstanceInitiatedShutdownBehavior ?? 'stop'),
    terminationProtected: input.DisableApiTermination ?? false,
    stopProtected: input.DisableApiStop ?? false,
    ebsOptimized: input.EbsOptimized ?? false,
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
    throw missingParameter('ImageId');
  }
  const image = await findImage(cloud, caller, imageId);
  if (imageCan(image, 'launch')) return image;
  throw imageUnavailable(image.image_id);
}

function counts(input: RunInstancesRequest): { readonly minCount: number; readonly maxCount: number } {
  const { MinCount: minCount, MaxCount: maxCount } = input;
  if (minCount === undefined || maxCount === undefined) {
    const name = minCount === undefined ? 'MinCount' : 'MaxCount';
    throw missingParameter(name);
  }
  if (!Number.isInteger(minCount) || !Number.isInteger(maxCount) || minCount < 1 || maxCount < minCount) {
    throw invalidParameterValue(
      `MinCount must be at least 1 and at most MaxCount; given: ${minCount} and ${maxCount}`,
    );
  }
  return { minCount, maxCount };
}

function typeFor(input: RunInstancesRequest, image: ImageRow): InstanceType {
  const name = input.InstanceType ?? (image.architecture === 'arm64' ? 't4g.micro' : 't3.micro');
  return checkedInstanceType(name, image.architecture);
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
