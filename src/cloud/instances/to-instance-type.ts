import type { InstanceTypeInfo } from '@aws-sdk/client-ec2';
import { maxAttachments } from '../volumes/device-name.ts';
import type { OfferedType } from './offered-types.ts';

/** As a machine of this type is here: one network interface, virtio disks, no encryption, no instance store. */
export function toInstanceType({ type, bootModes }: OfferedType): InstanceTypeInfo {
  return {
    InstanceType: type.name as InstanceTypeInfo['InstanceType'],
    CurrentGeneration: true,
    FreeTierEligible: false,
    SupportedUsageClasses: ['on-demand'],
    SupportedRootDeviceTypes: ['ebs'],
    SupportedVirtualizationTypes: ['hvm'],
    BareMetal: false,
    Hypervisor: type.name.startsWith('t2.') ? 'xen' : 'nitro',
    ProcessorInfo: { SupportedArchitectures: [type.architecture] },
    VCpuInfo: {
      DefaultVCpus: type.cpus,
      DefaultCores: type.cpus,
      DefaultThreadsPerCore: 1,
      ValidCores: [type.cpus],
      ValidThreadsPerCore: [1],
    },
    MemoryInfo: { SizeInMiB: type.memoryMiB },
    InstanceStorageSupported: false,
    EbsInfo: {
      EbsOptimizedSupport: 'unsupported',
      EncryptionSupport: 'unsupported',
      NvmeSupport: 'unsupported',
      MaximumEbsAttachments: maxAttachments,
      AttachmentLimitType: 'dedicated',
    },
    NetworkInfo: {
      NetworkPerformance: 'As fast as the node',
      MaximumNetworkInterfaces: 1,
      MaximumNetworkCards: 1,
      DefaultNetworkCardIndex: 0,
      NetworkCards: [
        { NetworkCardIndex: 0, NetworkPerformance: 'As fast as the node', MaximumNetworkInterfaces: 1 },
      ],
      Ipv4AddressesPerInterface: 1,
      Ipv6AddressesPerInterface: 0,
      Ipv6Supported: false,
      EnaSupport: 'unsupported',
      EfaSupported: false,
      EncryptionInTransitSupported: false,
    },
    PlacementGroupInfo: { SupportedStrategies: [] },
    HibernationSupported: false,
    BurstablePerformanceSupported: type.burstable,
    DedicatedHostsSupported: false,
    AutoRecoverySupported: false,
    SupportedBootModes: [...bootModes],
    NitroEnclavesSupport: 'unsupported',
    NitroTpmSupport: 'unsupported',
  };
}
