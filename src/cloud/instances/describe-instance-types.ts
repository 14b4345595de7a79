import type {
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  InstanceTypeInfo,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { compileFilters, type FilterTable } from '../../ec2/filters/filters.ts';
import { openPage, pageOf, refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { offeredTypes } from './offered-types.ts';
import { toInstanceType } from './to-instance-type.ts';

const filters: FilterTable<InstanceTypeInfo> = {
  'auto-recovery-supported': (type) => type.AutoRecoverySupported,
  'bare-metal': (type) => type.BareMetal,
  'burstable-performance-supported': (type) => type.BurstablePerformanceSupported,
  'current-generation': (type) => type.CurrentGeneration,
  'dedicated-hosts-supported': (type) => type.DedicatedHostsSupported,
  'ebs-info.ebs-optimized-support': (type) => type.EbsInfo?.EbsOptimizedSupport,
  'ebs-info.encryption-support': (type) => type.EbsInfo?.EncryptionSupport,
  'ebs-info.nvme-support': (type) => type.EbsInfo?.NvmeSupport,
  'free-tier-eligible': (type) => type.FreeTierEligible,
  'hibernation-supported': (type) => type.HibernationSupported,
  hypervisor: (type) => type.Hypervisor,
  'instance-storage-supported': (type) => type.InstanceStorageSupported,
  'instance-type': (type) => type.InstanceType,
  'memory-info.size-in-mib': (type) => type.MemoryInfo?.SizeInMiB,
  'network-info.efa-supported': (type) => type.NetworkInfo?.EfaSupported,
  'network-info.ena-support': (type) => type.NetworkInfo?.EnaSupport,
  'network-info.encryption-in-transit-supported': (type) => type.NetworkInfo?.EncryptionInTransitSupported,
  'network-info.ipv4-addresses-per-interface': (type) => type.NetworkInfo?.Ipv4AddressesPerInterface,
  'network-info.ipv6-addresses-per-interface': (type) => type.NetworkInfo?.Ipv6AddressesPerInterface,
  'network-info.ipv6-supported': (type) => type.NetworkInfo?.Ipv6Supported,
  'network-info.maximum-network-cards': (type) => type.NetworkInfo?.MaximumNetworkCards,
  'network-info.maximum-network-interfaces': (type) => type.NetworkInfo?.MaximumNetworkInterfaces,
  'network-info.network-performance': (type) => type.NetworkInfo?.NetworkPerformance,
  'nitro-enclaves-support': (type) => type.NitroEnclavesSupport,
  'nitro-tpm-support': (type) => type.NitroTpmSupport,
  'processor-info.supported-architecture': (type) => type.ProcessorInfo?.SupportedArchitectures,
  'supported-boot-mode': (type) => type.SupportedBootModes,
  'supported-root-device-type': (type) => type.SupportedRootDeviceTypes,
  'supported-usage-class': (type) => type.SupportedUsageClasses,
  'supported-virtualization-type': (type) => type.SupportedVirtualizationTypes,
  'vcpu-info.default-cores': (type) => type.VCpuInfo?.DefaultCores,
  'vcpu-info.default-threads-per-core': (type) => type.VCpuInfo?.DefaultThreadsPerCore,
  'vcpu-info.default-vcpus': (type) => type.VCpuInfo?.DefaultVCpus,
  'vcpu-info.valid-cores': (type) => type.VCpuInfo?.ValidCores?.map(String),
  'vcpu-info.valid-threads-per-core': (type) => type.VCpuInfo?.ValidThreadsPerCore?.map(String),
};

export async function describeInstanceTypes(
  cloud: Cloud,
  input: DescribeInstanceTypesRequest,
  caller: Caller,
): Promise<DescribeInstanceTypesResult> {
  const names: readonly string[] = input.InstanceTypes ?? [];
  refusePageOfIds(input, names, 'instanceTypes');
  const rules = { action: 'DescribeInstanceTypes', secret: cloud.tokenSecret, max: 100 } as const;
  const page = openPage(input, { ...rules, defaultLimit: 100 }, caller);
  const matches = compileFilters(input.Filters, filters);
  const offered = (await offeredTypes(cloud)).map(toInstanceType);
  const known = new Set<string | undefined>(offered.map((type) => type.InstanceType));
  const missing = names.filter((name) => !known.has(name));
  if (missing.length > 0) {
    throw new Ec2Fault(
      'InvalidInstanceType',
      `The following supplied instance types do not exist: [${missing.join(', ')}]`,
    );
  }
  endDryRun(input);
  const wanted =
    names.length === 0 ? offered : offered.filter((type) => names.includes(type.InstanceType ?? ''));
  const { items, NextToken } = pageOf(wanted.filter(matches), page, (type) => type.InstanceType ?? '');
  return { InstanceTypes: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
