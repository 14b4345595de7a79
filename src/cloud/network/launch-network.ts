/** Where a launch goes: its subnet, address and security groups. */
import type { InstanceNetworkInterfaceSpecification, RunInstancesRequest } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import {
  invalidCombination,
  invalidParameterValue,
  invalidValue,
  unsupported,
} from '../../ec2/request-faults.ts';
import { checkIds, notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { type DefaultVpc, defaultVpc } from './default-vpc.ts';
import type { SubnetTable } from './table.ts';

/** EC2's default quota. */
export const maxGroupsPerInterface = 5;

export interface LaunchNetwork {
  readonly subnet: SubnetTable;
  readonly groupIds: readonly string[];
  readonly privateAddress: string | undefined;
}

export async function launchNetwork(
  cloud: Cloud,
  input: RunInstancesRequest,
  caller: Caller,
): Promise<LaunchNetwork> {
  const vpc = await defaultVpc(cloud, caller);
  const face = networkInterface(input);
  const privateAddress = given(face === undefined ? input.PrivateIpAddress : primaryAddress(face));
  if (privateAddress !== undefined && (input.MaxCount ?? 1) > 1) {
    throw invalidCombination(
      'A private IP address can be asked for when one instance is launched, not several',
    );
  }
  return {
    subnet: chooseSubnet(
      vpc,
      given(face?.SubnetId) ?? given(input.SubnetId),
      given(input.Placement?.AvailabilityZone),
    ),
    groupIds: await chooseGroups(cloud, vpc, {
      ids: face?.Groups ?? input.SecurityGroupIds ?? [],
      names: input.SecurityGroups ?? [],
    }),
    privateAddress,
  };
}

/** Tools send an empty text where nothing was chosen (Packer does), and EC2 takes it so. */
function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function networkInterface(input: RunInstancesRequest): InstanceNetworkInterfaceSpecification | undefined {
  const [face, ...more] = input.NetworkInterfaces ?? [];
  if (face === undefined) return undefined;
  if (more.length > 0) throw unsupported('An instance has one network interface here; more were given');
  const { SubnetId, SecurityGroupIds = [], SecurityGroups = [], PrivateIpAddress } = input;
  if (given(SubnetId) !== undefined || given(PrivateIpAddress) !== undefined) {
    throw invalidCombination(
      'Network interfaces and an instance-level subnet ID or private IP address may not be specified on the same request',
    );
  }
  if (SecurityGroupIds.length + SecurityGroups.length > 0) {
    throw invalidCombination(
      'Network interfaces and an instance-level security groups may not be specified on the same request',
    );
  }
  if ((face.DeviceIndex ?? 0) !== 0) throw invalidValue(face.DeviceIndex, 'deviceIndex', 'Allowed: 0.');
  if (face.NetworkInterfaceId !== undefined) {
    throw unsupported(
      `Network interfaces are made with their instance here; ${face.NetworkInterfaceId} cannot be attached to another`,
    );
  }
  if ((face.Ipv6AddressCount ?? 0) > 0 || (face.Ipv6Addresses ?? []).length > 0) {
    throw unsupported('Instances have no IPv6 addresses here');
  }
  return face;
}

function primaryAddress(face: InstanceNetworkInterfaceSpecification): string | undefined {
  const addresses = face.PrivateIpAddresses ?? [];
  if ((face.SecondaryPrivateIpAddressCount ?? 0) > 0 || addresses.length > 1) {
    throw unsupported('An instance has one private address here; more were asked for');
  }
  return face.PrivateIpAddress ?? addresses[0]?.PrivateIpAddress;
}

function chooseSubnet(vpc: DefaultVpc, subnetId: string | undefined, zone: string | undefined): SubnetTable {
  const byZone = vpc.subnets.find((candidate) => candidate.zone === zone);
  if (zone !== undefined && byZone === undefined) {
    const zones = vpc.subnets.map((candidate) => candidate.zone).join(', ');
    throw invalidParameterValue(`Invalid availability zone: [${zone}]. Allowed: ${zones}.`);
  }
  if (subnetId !== undefined) {
    const subnet = vpc.subnets.find((candidate) => candidate.subnet_id === subnetId);
    if (subnet === undefined) throw notFound('subnet', subnetId);
    if (zone === undefined || subnet.zone === zone) return subnet;
    throw invalidParameterValue(`The subnet '${subnetId}' is in ${subnet.zone}, not in ${zone}`);
  }
  const subnet = byZone ?? vpc.subnets[0];
  if (subnet === undefined) throw new Error(`The default VPC ${vpc.vpc.vpc_id} has no subnet`);
  return subnet;
}

/** Where the launch is written: a group may have been deleted since it was chosen. */
export async function checkGroups(tx: Transaction<Schema>, groupIds: readonly string[]): Promise<void> {
  const groups = await tx
    .selectFrom('security_groups')
    .select('group_id')
    .where('group_id', 'in', groupIds)
    .execute();
  const missing = groupIds.filter((id) => groups.every((group) => group.group_id !== id));
  if (missing.length > 0) throw notFound('securityGroup', missing);
}

export async function chooseGroups(
  cloud: Cloud,
  { vpc }: DefaultVpc,
  wanted: { readonly ids: readonly string[]; readonly names: readonly string[] },
): Promise<readonly string[]> {
  checkIds('securityGroup', wanted.ids);
  const groups = await cloud.db.read
    .selectFrom('security_groups')
    .select(['group_id', 'group_name'])
    .where('vpc_id', '=', vpc.vpc_id)
    .execute();
  const missing = wanted.ids.filter((id) => groups.every((group) => group.group_id !== id));
  if (missing.length > 0) throw notFound('securityGroup', missing);
  const named = wanted.names.map((name) => {
    const group = groups.find((candidate) => candidate.group_name === name);
    if (group !== undefined) return group.group_id;
    throw new Ec2Fault(
      'InvalidGroup.NotFound',
      `The security group '${name}' does not exist in VPC '${vpc.vpc_id}'`,
    );
  });
  const all = [...new Set([...wanted.ids, ...named])];
  if (all.length > maxGroupsPerInterface) {
    throw new Ec2Fault(
      'SecurityGroupsPerInterfaceLimitExceeded',
      `An instance may have ${maxGroupsPerInterface} security groups; ${all.length} were given`,
    );
  }
  if (all.length > 0) return all;
  return groups.filter((group) => group.group_name === 'default').map((group) => group.group_id);
}
