/** An instance's attributes, each as DescribeInstanceAttribute shows it. */
import type { Instance, InstanceAttribute } from '@aws-sdk/client-ec2';
import type { InstanceRow } from './record.ts';

interface Shown {
  readonly row: InstanceRow;
  readonly instance: Instance;
}

const flag = (column: number) => ({ Value: column === 1 });

export const instanceAttributes = {
  blockDeviceMapping: ({ instance }) => ({ BlockDeviceMappings: instance.BlockDeviceMappings ?? [] }),
  disableApiStop: ({ row }) => ({ DisableApiStop: flag(row.stop_protected) }),
  disableApiTermination: ({ row }) => ({ DisableApiTermination: flag(row.termination_protected) }),
  ebsOptimized: ({ row }) => ({ EbsOptimized: flag(row.ebs_optimized) }),
  enaSupport: ({ row }) => ({ EnaSupport: flag(row.ena_support) }),
  enclaveOptions: () => ({ EnclaveOptions: { Enabled: false } }),
  groupSet: ({ instance }) => ({ Groups: instance.SecurityGroups ?? [] }),
  instanceInitiatedShutdownBehavior: ({ row }) => ({
    InstanceInitiatedShutdownBehavior: { Value: row.shutdown_behavior },
  }),
  instanceType: ({ row }) => ({ InstanceType: { Value: row.instance_type } }),
  kernel: () => ({ KernelId: {} }),
  productCodes: () => ({ ProductCodes: [] }),
  ramdisk: () => ({ RamdiskId: {} }),
  rootDeviceName: ({ row }) => ({ RootDeviceName: { Value: row.root_device_name } }),
  sourceDestCheck: ({ row }) => ({ SourceDestCheck: flag(row.source_dest_check) }),
  sriovNetSupport: ({ row }) => ({
    SriovNetSupport: row.sriov_net_support === null ? {} : { Value: row.sriov_net_support },
  }),
  userData: ({ row }) => ({
    UserData: row.user_data === null ? {} : { Value: Buffer.from(row.user_data).toString('base64') },
  }),
} as const satisfies Readonly<Record<string, (shown: Shown) => InstanceAttribute>>;

export type InstanceAttributeKey = keyof typeof instanceAttributes;

export function isInstanceAttribute(name: string): name is InstanceAttributeKey {
  return Object.hasOwn(instanceAttributes, name);
}
