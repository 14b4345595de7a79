/** DescribeInstances' filters: those that a column answers alone, and those on what is shown. */
import type { Instance, InstanceNetworkInterface } from '@aws-sdk/client-ec2';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import type { InstanceRow } from './record.ts';

export interface ShownInstance {
  readonly row: InstanceRow;
  readonly instance: Instance;
}

/** What stays with a terminated instance; its network does not, so that is filtered on what is shown. */
export const instanceColumns = {
  architecture: 'instances.architecture',
  'availability-zone': 'instances.zone',
  'client-token': 'instances.client_token',
  'image-id': 'instances.image_id',
  'instance-id': 'instances.instance_id',
  'instance-state-name': 'instances.state',
  'instance-type': 'instances.instance_type',
  'key-name': 'instances.key_name',
  'owner-id': 'instances.owner_id',
  'reservation-id': 'instances.reservation_id',
  'root-device-name': 'instances.root_device_name',
} as const;

type Shown = FilterTable<ShownInstance>;

const devices = ({ instance }: ShownInstance) => instance.BlockDeviceMappings ?? [];
const groups = ({ instance }: ShownInstance) => instance.SecurityGroups ?? [];

const ofDevices: Shown = {
  'block-device-mapping.attach-time': (shown) =>
    devices(shown).map((device) => device.Ebs?.AttachTime?.toISOString() ?? ''),
  'block-device-mapping.delete-on-termination': (shown) =>
    devices(shown).map((device) => String(device.Ebs?.DeleteOnTermination)),
  'block-device-mapping.device-name': (shown) => devices(shown).map((device) => device.DeviceName ?? ''),
  'block-device-mapping.status': (shown) => devices(shown).map((device) => device.Ebs?.Status ?? ''),
  'block-device-mapping.volume-id': (shown) => devices(shown).map((device) => device.Ebs?.VolumeId ?? ''),
  'root-device-type': ({ instance }) => instance.RootDeviceType,
};

const face =
  (read: (face: InstanceNetworkInterface) => string | undefined) =>
  ({ instance }: ShownInstance) =>
    (instance.NetworkInterfaces ?? []).map((one) => read(one) ?? '');

const ofNetwork: Shown = {
  'dns-name': ({ instance }) => instance.PublicDnsName,
  'group-id': (shown) => groups(shown).map((group) => group.GroupId ?? ''),
  'group-name': (shown) => groups(shown).map((group) => group.GroupName ?? ''),
  'instance.group-id': (shown) => groups(shown).map((group) => group.GroupId ?? ''),
  'instance.group-name': (shown) => groups(shown).map((group) => group.GroupName ?? ''),
  'ip-address': ({ instance }) => instance.PublicIpAddress,
  'ipv6-address': () => undefined,
  'mac-address': face((one) => one.MacAddress),
  'network-interface.addresses.association.public-ip': face((one) => one.Association?.PublicIp),
  'network-interface.addresses.primary': ({ instance }) =>
    (instance.NetworkInterfaces ?? []).map(() => 'true'),
  'network-interface.addresses.private-ip-address': face((one) => one.PrivateIpAddress),
  'network-interface.association.ip-owner-id': face((one) => one.Association?.IpOwnerId),
  'network-interface.association.public-ip': face((one) => one.Association?.PublicIp),
  'network-interface.attachment.attachment-id': face((one) => one.Attachment?.AttachmentId),
  'network-interface.attachment.status': face((one) => one.Attachment?.Status),
  'network-interface.availability-zone': ({ instance, row }) =>
    (instance.NetworkInterfaces ?? []).map(() => row.zone),
  'network-interface.group-id': (shown) => groups(shown).map((group) => group.GroupId ?? ''),
  'network-interface.group-name': (shown) => groups(shown).map((group) => group.GroupName ?? ''),
  'network-interface.mac-address': face((one) => one.MacAddress),
  'network-interface.network-interface-id': face((one) => one.NetworkInterfaceId),
  'network-interface.owner-id': face((one) => one.OwnerId),
  'network-interface.private-ip-address': face((one) => one.PrivateIpAddress),
  'network-interface.status': face((one) => one.Status),
  'network-interface.subnet-id': face((one) => one.SubnetId),
  'network-interface.vpc-id': face((one) => one.VpcId),
  'private-dns-name': ({ instance }) => instance.PrivateDnsName,
  'private-ip-address': ({ instance }) => instance.PrivateIpAddress,
  'source-dest-check': ({ instance }) => instance.SourceDestCheck,
  'subnet-id': ({ instance }) => instance.SubnetId,
  'vpc-id': ({ instance }) => instance.VpcId,
};

/** What no instance here has, so that asking for it finds none. */
const ofNone = Object.fromEntries(
  [
    'affinity',
    'capacity-reservation-id',
    'host-id',
    'iam-instance-profile.arn',
    'iam-instance-profile.id',
    'iam-instance-profile.name',
    'instance-lifecycle',
    'kernel-id',
    'outpost-arn',
    'placement-group-name',
    'placement-partition-number',
    'platform',
    'product-code',
    'product-code.type',
    'ramdisk-id',
    'requester-id',
    'spot-instance-request-id',
    'tpm-support',
  ].map((name) => [name, () => undefined]),
);

export const instanceFilters: Shown = {
  ...ofNone,
  ...ofDevices,
  ...ofNetwork,
  'boot-mode': ({ instance }) => instance.BootMode,
  'current-instance-boot-mode': ({ instance }) => instance.CurrentInstanceBootMode,
  'ebs-optimized': ({ instance }) => instance.EbsOptimized,
  'ena-support': ({ instance }) => instance.EnaSupport,
  'enclave-options.enabled': ({ instance }) => instance.EnclaveOptions?.Enabled,
  'hibernation-options.configured': ({ instance }) => instance.HibernationOptions?.Configured,
  hypervisor: ({ instance }) => instance.Hypervisor,
  'instance-state-code': ({ instance }) => instance.State?.Code,
  'launch-index': ({ instance }) => instance.AmiLaunchIndex,
  'launch-time': ({ instance }) => instance.LaunchTime,
  'metadata-options.http-endpoint': ({ instance }) => instance.MetadataOptions?.HttpEndpoint,
  'metadata-options.http-tokens': ({ instance }) => instance.MetadataOptions?.HttpTokens,
  'monitoring-state': ({ instance }) => instance.Monitoring?.State,
  'platform-details': ({ instance }) => instance.PlatformDetails,
  reason: ({ row }) => row.transition_reason,
  'state-reason-code': ({ row }) => row.state_reason_code ?? undefined,
  'state-reason-message': ({ row }) => row.state_reason_message ?? undefined,
  tenancy: ({ instance }) => instance.Placement?.Tenancy,
  'usage-operation': ({ instance }) => instance.UsageOperation,
  'virtualization-type': ({ instance }) => instance.VirtualizationType,
};
