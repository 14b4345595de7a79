/**
 * What RunInstances may ask of EC2 and not of this cloud. It is refused before anything is made, rather than
 * launched without it. Accepted without effect: MetadataOptions (DescribeInstances shows the endpoint disabled),
 * CreditSpecification (every machine may use its processors fully), MaintenanceOptions, EbsOptimized.
 */
import type { RunInstancesRequest } from '@aws-sdk/client-ec2';
import { unsupported } from '../../ec2/request-faults.ts';
import type { InstanceType } from './instance-types.ts';

interface Refusal {
  readonly name: string;
  readonly asked: (input: RunInstancesRequest) => boolean;
  readonly why: string;
}

/** Tools send an empty text where nothing was chosen, and EC2 takes it so. */
const given = (text: string | undefined) => text !== undefined && text !== '';
const some = (list: readonly unknown[] | undefined) => (list?.length ?? 0) > 0;
const noIpv6 = 'instances have IPv4 addresses only';
const ownHardware = 'instances share the hardware of their node';

const refusals: readonly Refusal[] = [
  {
    name: 'InstanceMarketOptions',
    asked: (input) => input.InstanceMarketOptions !== undefined,
    why: 'there is no spot market; launch without it',
  },
  {
    name: 'IamInstanceProfile',
    // Packer sends it with an empty name.
    asked: ({ IamInstanceProfile: profile }) => (profile?.Arn || profile?.Name || '') !== '',
    why: 'there is no IAM, and no metadata service to hand credentials to a guest',
  },
  {
    name: 'HibernationOptions',
    asked: (input) => input.HibernationOptions?.Configured === true,
    why: 'instances do not hibernate',
  },
  {
    name: 'EnclaveOptions',
    asked: (input) => input.EnclaveOptions?.Enabled === true,
    why: 'there are no enclaves',
  },
  {
    name: 'Monitoring',
    asked: (input) => input.Monitoring?.Enabled === true,
    why: 'there is no detailed monitoring',
  },
  {
    name: 'CapacityReservationSpecification.CapacityReservationTarget',
    asked: (input) => input.CapacityReservationSpecification?.CapacityReservationTarget !== undefined,
    why: 'there are no capacity reservations',
  },
  {
    name: 'LicenseSpecifications',
    asked: (input) => some(input.LicenseSpecifications),
    why: 'there is no licence manager',
  },
  {
    name: 'ElasticGpuSpecification',
    asked: (input) => some(input.ElasticGpuSpecification),
    why: 'there are no GPUs',
  },
  {
    name: 'ElasticInferenceAccelerators',
    asked: (input) => some(input.ElasticInferenceAccelerators),
    why: 'there are no accelerators',
  },
  {
    name: 'SecondaryInterfaces',
    asked: (input) => some(input.SecondaryInterfaces),
    why: 'an instance has one network interface',
  },
  { name: 'Ipv6AddressCount', asked: (input) => (input.Ipv6AddressCount ?? 0) > 0, why: noIpv6 },
  { name: 'Ipv6Addresses', asked: (input) => some(input.Ipv6Addresses), why: noIpv6 },
  { name: 'EnablePrimaryIpv6', asked: (input) => input.EnablePrimaryIpv6 === true, why: noIpv6 },
  {
    name: 'KernelId',
    asked: (input) => given(input.KernelId),
    why: 'images boot their own kernel',
  },
  {
    name: 'RamdiskId',
    asked: (input) => given(input.RamdiskId),
    why: 'images boot their own kernel',
  },
  {
    name: 'PrivateDnsNameOptions.HostnameType',
    asked: (input) => input.PrivateDnsNameOptions?.HostnameType === 'resource-name',
    why: "hosts are named by their address, EC2's 'ip-name'",
  },
  {
    name: 'Placement.Tenancy',
    asked: ({ Placement: place }) => (place?.Tenancy || 'default') !== 'default',
    why: ownHardware,
  },
  {
    name: 'Placement.HostId',
    asked: ({ Placement: place }) => (place?.HostId || place?.HostResourceGroupArn || '') !== '',
    why: ownHardware,
  },
  {
    name: 'Placement.GroupName',
    asked: ({ Placement: place }) => (place?.GroupName || place?.GroupId || '') !== '',
    why: 'there are no placement groups',
  },
];

export function refuseUnserved(input: RunInstancesRequest): void {
  const refused = refusals.find((refusal) => refusal.asked(input));
  if (refused === undefined) return;
  throw unsupported(`The parameter ${refused.name} is not offered by this cloud: ${refused.why}.`);
}

/** CpuOptions may say what the type has anyway. */
export function checkCpuOptions({ CpuOptions: wanted }: RunInstancesRequest, type: InstanceType): void {
  const { CoreCount: cores = type.cpus, ThreadsPerCore: threads = 1 } = wanted ?? {};
  if (cores * threads === type.cpus) return;
  throw unsupported(
    `CpuOptions cannot change how many processors an instance has: ${type.name} has ${type.cpus}, given: ${cores} × ${threads}.`,
  );
}
