/** Where a launch goes: its subnet, address and security groups. */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { type DefaultVpc, defaultVpc } from './default-vpc.ts';
import type { SubnetTable } from './table.ts';

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
  const [face, ...more] = input.NetworkInterfaces ?? [];
  if (more.length > 0) {
    throw new Ec2Fault('UnsupportedOperation', 'An instance has one network interface here; more were given');
  }
  if (face !== undefined && (input.SubnetId !== undefined || input.SecurityGroupIds !== undefined)) {
    throw new Ec2Fault(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level subnet ID or security groups may not be specified on the same request',
    );
  }
  const subnet = chooseSubnet(vpc, face?.SubnetId ?? input.SubnetId, input.Placement?.AvailabilityZone);
  return {
    subnet,
    groupIds: await groupIds(cloud, vpc, {
      ids: face?.Groups ?? input.SecurityGroupIds ?? [],
      names: input.SecurityGroups ?? [],
    }),
    privateAddress: face?.PrivateIpAddress ?? input.PrivateIpAddress,
  };
}

function chooseSubnet(vpc: DefaultVpc, subnetId: string | undefined, zone: string | undefined): SubnetTable {
  if (subnetId !== undefined) {
    const subnet = vpc.subnets.find((candidate) => candidate.subnet_id === subnetId);
    if (subnet !== undefined) return subnet;
    throw new Ec2Fault('InvalidSubnetID.NotFound', `The subnet ID '${subnetId}' does not exist`);
  }
  const subnet =
    zone === undefined ? vpc.subnets[0] : vpc.subnets.find((candidate) => candidate.zone === zone);
  if (subnet !== undefined) return subnet;
  const zones = vpc.subnets.map((candidate) => candidate.zone).join(', ');
  throw new Ec2Fault('InvalidParameterValue', `Invalid availability zone: [${zone}]. Allowed: ${zones}.`);
}

async function groupIds(
  cloud: Cloud,
  { vpc }: DefaultVpc,
  wanted: { readonly ids: readonly string[]; readonly names: readonly string[] },
): Promise<readonly string[]> {
  const groups = await cloud.db.read
    .selectFrom('security_groups')
    .select(['group_id', 'group_name'])
    .where('vpc_id', '=', vpc.vpc_id)
    .execute();
  const ids = wanted.ids.map((id) => {
    if (groups.some((group) => group.group_id === id)) return id;
    throw new Ec2Fault('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
  });
  const named = wanted.names.map((name) => {
    const group = groups.find((candidate) => candidate.group_name === name);
    if (group !== undefined) return group.group_id;
    throw new Ec2Fault(
      'InvalidGroup.NotFound',
      `The security group '${name}' does not exist in VPC '${vpc.vpc_id}'`,
    );
  });
  const all = [...new Set([...ids, ...named])];
  if (all.length > 0) return all;
  return groups.filter((group) => group.group_name === 'default').map((group) => group.group_id);
}
