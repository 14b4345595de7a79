import type { DescribeAddressesRequest, DescribeAddressesResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { compileFilters } from '../../ec2/filters/filters.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';

const filterNames = [
  'allocation-id',
  'association-id',
  'domain',
  'instance-id',
  'network-border-group',
  'network-interface-id',
  'network-interface-owner-id',
  'private-ip-address',
  'public-ip',
] as const;

/** There are no Elastic IPs here: an instance's public address is its own while it runs. */
export async function describeAddresses(
  _cloud: Cloud,
  input: DescribeAddressesRequest,
  _caller: Caller,
): Promise<DescribeAddressesResult> {
  const [allocation] = input.AllocationIds ?? [];
  if (allocation !== undefined) {
    throw new Ec2Fault('InvalidAllocationID.NotFound', `The allocation ID '${allocation}' does not exist`);
  }
  const [address] = input.PublicIps ?? [];
  if (address !== undefined) throw new Ec2Fault('InvalidAddress.NotFound', `Address '${address}' not found.`);
  compileFilters(
    input.Filters,
    Object.fromEntries(filterNames.map((name) => [name, () => undefined])),
    () => [],
  );
  endDryRun(input);
  return { Addresses: [] };
}
