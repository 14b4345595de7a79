import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  Instance,
  Reservation,
} from '@aws-sdk/client-ec2';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import type { InstanceRow } from './record.ts';
import { toInstances } from './to-instance.ts';

interface Shown {
  readonly row: InstanceRow;
  readonly instance: Instance;
}

const columns = {
  architecture: 'instances.architecture',
  'availability-zone': 'instances.zone',
  'client-token': 'instances.client_token',
  'image-id': 'instances.image_id',
  'instance-id': 'instances.instance_id',
  'instance-state-name': 'instances.state',
  'instance-type': 'instances.instance_type',
  'key-name': 'instances.key_name',
  'owner-id': 'instances.owner_id',
  'private-ip-address': 'instances.private_address',
  'ip-address': 'instances.public_address',
  'reservation-id': 'instances.reservation_id',
  'root-device-name': 'instances.root_device_name',
  'subnet-id': 'instances.subnet_id',
  'vpc-id': 'instances.vpc_id',
  'network-interface.subnet-id': 'instances.subnet_id',
  'network-interface.vpc-id': 'instances.vpc_id',
} as const;

const filters: FilterTable<Shown> = {
  'block-device-mapping.attach-time': ({ instance }) =>
    (instance.BlockDeviceMappings ?? []).map((device) => device.Ebs?.AttachTime?.toISOString() ?? ''),
  'block-device-mapping.delete-on-termination': ({ instance }) =>
    (instance.BlockDeviceMappings ?? []).map((device) => String(device.Ebs?.DeleteOnTermination)),
  'block-device-mapping.device-name': ({ instance }) =>
    (instance.BlockDeviceMappings ?? []).map((device) => device.DeviceName ?? ''),
  'block-device-mapping.status': ({ instance }) =>
    (instance.BlockDeviceMappings ?? []).map((device) => device.Ebs?.Status ?? ''),
  'block-device-mapping.volume-id': ({ instance }) =>
    (instance.BlockDeviceMappings ?? []).map((device) => device.Ebs?.VolumeId ?? ''),
  'dns-name': ({ instance }) => instance.PublicDnsName,
  'group-id': ({ instance }) => (instance.SecurityGroups ?? []).map((group) => group.GroupId ?? ''),
  'group-name': ({ instance }) => (instance.SecurityGroups ?? []).map((group) => group.GroupName ?? ''),
  hypervisor: ({ instance }) => instance.Hypervisor,
  'instance-state-code': ({ instance }) => instance.State?.Code,
  'instance.group-id': ({ instance }) => (instance.SecurityGroups ?? []).map((group) => group.GroupId ?? ''),
  'instance.group-name': ({ instance }) =>
    (instance.SecurityGroups ?? []).map((group) => group.GroupName ?? ''),
  'launch-index': ({ instance }) => instance.AmiLaunchIndex,
  'launch-time': ({ instance }) => instance.LaunchTime,
  'mac-address': ({ row }) => row.mac_address,
  'monitoring-state': ({ instance }) => instance.Monitoring?.State,
  'network-interface.network-interface-id': ({ instance }) =>
    (instance.NetworkInterfaces ?? []).map((face) => face.NetworkInterfaceId ?? ''),
  'private-dns-name': ({ instance }) => instance.PrivateDnsName,
  reason: ({ row }) => row.transition_reason,
  'root-device-type': ({ instance }) => instance.RootDeviceType,
  'source-dest-check': ({ instance }) => instance.SourceDestCheck,
  'state-reason-code': ({ row }) => row.state_reason_code ?? undefined,
  tenancy: ({ instance }) => instance.Placement?.Tenancy,
  'virtualization-type': ({ instance }) => instance.VirtualizationType,
};

export async function describeInstances(
  cloud: Cloud,
  input: DescribeInstancesRequest,
  caller: Caller,
): Promise<DescribeInstancesResult> {
  refusePageOfIds(input, input.InstanceIds, 'instancesSet');
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeInstances' },
    rows: cloud.db.read
      .selectFrom('instances')
      .selectAll()
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId),
    ids: { resource: 'instance', values: input.InstanceIds },
    key: 'instances.instance_id',
    keyOf: (row) => row.instance_id,
    columns,
    filters,
    tagsOf: ({ instance }) => instance.Tags ?? [],
    show: (rows) => toInstances(cloud, rows),
  });
  return { Reservations: reservations(items), ...(NextToken === undefined ? {} : { NextToken }) };
}

function reservations(items: readonly Shown[]): Reservation[] {
  const groups = Map.groupBy(items, ({ row }) => row.reservation_id);
  return [...groups].map(([reservationId, members]) => ({
    ReservationId: reservationId,
    OwnerId: members[0]?.row.owner_id,
    Groups: [],
    Instances: members
      .toSorted((a, b) => a.row.launch_index - b.row.launch_index)
      .map(({ instance }) => instance),
  }));
}
