/**
 * A launch that names a launch template: the template's data, over which the call's own parameters stand.
 * A parameter of the call replaces the template's as a whole, but devices are joined by name and tags by key.
 */
import type {
  BlockDeviceMapping,
  RequestLaunchTemplateData,
  RunInstancesRequest,
  Tag,
  TagSpecification,
} from '@aws-sdk/client-ec2';
import { invalidCombination, unsupported } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findLaunchTemplateVersion } from './find-launch-template.ts';
import { readTemplateData } from './template-data.ts';

export interface MergedLaunch {
  readonly request: RunInstancesRequest;
  /** 'lt-0123…:3' */
  readonly template: string | undefined;
}

export async function withLaunchTemplate(
  cloud: Cloud,
  input: RunInstancesRequest,
  caller: Caller,
): Promise<MergedLaunch> {
  if (input.LaunchTemplate === undefined) return { request: input, template: undefined };
  const { version } = await findLaunchTemplateVersion(cloud.db.read, caller, input.LaunchTemplate);
  return {
    request: mergeLaunch(readTemplateData(version.data), input),
    template: `${version.launch_template_id}:${version.version}`,
  };
}

export function mergeLaunch(
  data: RequestLaunchTemplateData,
  input: RunInstancesRequest,
): RunInstancesRequest {
  const { LaunchTemplate: _, ...own } = input;
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  const { InstanceRequirements: requirements, RamDiskId: ramdisk, ...base } = data;
  if (requirements !== undefined && input.InstanceType === undefined) {
    throw unsupported('A launch by InstanceRequirements is not offered here: give an InstanceType');
  }
  checkOneNetwork(data, input);
  const merged = { ...base, ...(ramdisk === undefined ? {} : { RamdiskId: ramdisk }), ...given };
  const devices = mergeDevices(data.BlockDeviceMappings ?? [], input.BlockDeviceMappings ?? []);
  const tags = mergeTags(data.TagSpecifications ?? [], input.TagSpecifications ?? []);
  // Members that both types have are the same on the wire; what RunInstances lacks was taken out above.
  return {
    ...(merged as RunInstancesRequest),
    ...(devices.length === 0 ? {} : { BlockDeviceMappings: devices }),
    ...(tags.length === 0 ? {} : { TagSpecifications: tags }),
  };
}

/** A template with an interface and a call with a subnet or groups contradict each other, as in EC2. */
function checkOneNetwork(data: RequestLaunchTemplateData, input: RunInstancesRequest): void {
  if ((data.NetworkInterfaces ?? []).length === 0 || input.NetworkInterfaces !== undefined) return;
  if (input.SubnetId === undefined && !input.SecurityGroupIds?.length && !input.SecurityGroups?.length)
    return;
  throw invalidCombination(
    'The launch template has a network interface: give its subnet and security groups in NetworkInterfaces',
  );
}

function mergeDevices(
  base: readonly BlockDeviceMapping[],
  own: readonly BlockDeviceMapping[],
): BlockDeviceMapping[] {
  const named = new Set(own.map((device) => device.DeviceName));
  return [...base.filter((device) => !named.has(device.DeviceName)), ...own];
}

function mergeTags(base: readonly TagSpecification[], own: readonly TagSpecification[]): TagSpecification[] {
  const types = [...new Set([...base, ...own].map((specification) => specification.ResourceType))];
  const of = (specifications: readonly TagSpecification[], type: TagSpecification['ResourceType']) =>
    specifications.filter((one) => one.ResourceType === type).flatMap((one) => one.Tags ?? []);
  return types.map((type) => {
    const tags = new Map<string | undefined, Tag>();
    for (const tag of [...of(base, type), ...of(own, type)]) tags.set(tag.Key, tag);
    return { ResourceType: type, Tags: [...tags.values()] };
  });
}
