import type {
  DescribeNetworkInterfacesRequest,
  DescribeNetworkInterfacesResult,
  NetworkInterface,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { compileFilters, type FilterTable } from '../../ec2/filters/filters.ts';
import { openPage, pageOf, refusePageOfIds } from '../../ec2/pagination.ts';
import { checkIds, notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { toInstances } from '../instances/to-instance.ts';
import { readTags } from '../tags/read-tags.ts';

const filters: FilterTable<NetworkInterface> = {
  'addresses.association.public-ip': (face) => face.Association?.PublicIp,
  'addresses.primary': () => true,
  'addresses.private-ip-address': (face) => face.PrivateIpAddress,
  'association.ip-owner-id': (face) => face.Association?.IpOwnerId,
  'association.public-ip': (face) => face.Association?.PublicIp,
  'attachment.attachment-id': (face) => face.Attachment?.AttachmentId,
  'attachment.delete-on-termination': (face) => face.Attachment?.DeleteOnTermination,
  'attachment.device-index': (face) => face.Attachment?.DeviceIndex,
  'attachment.instance-id': (face) => face.Attachment?.InstanceId,
  'attachment.instance-owner-id': (face) => face.Attachment?.InstanceOwnerId,
  'attachment.status': (face) => face.Attachment?.Status,
  'availability-zone': (face) => face.AvailabilityZone,
  description: (face) => face.Description,
  'group-id': (face) => (face.Groups ?? []).map((group) => group.GroupId ?? ''),
  'group-name': (face) => (face.Groups ?? []).map((group) => group.GroupName ?? ''),
  'interface-type': (face) => face.InterfaceType,
  'mac-address': (face) => face.MacAddress,
  'network-interface-id': (face) => face.NetworkInterfaceId,
  'owner-id': (face) => face.OwnerId,
  'private-dns-name': (face) => face.PrivateDnsName,
  'private-ip-address': (face) => face.PrivateIpAddress,
  'requester-managed': () => false,
  'source-dest-check': (face) => face.SourceDestCheck,
  status: (face) => face.Status,
  'subnet-id': (face) => face.SubnetId,
  'vpc-id': (face) => face.VpcId,
};

/** Interfaces follow from instances: each has one, from its launch until it is terminated. */
export async function describeNetworkInterfaces(
  cloud: Cloud,
  input: DescribeNetworkInterfacesRequest,
  caller: Caller,
): Promise<DescribeNetworkInterfacesResult> {
  const { NetworkInterfaceIds: ids = [] } = input;
  refusePageOfIds(input, ids, 'networkInterfaceIds');
  checkIds('networkInterface', ids);
  const rules = { action: 'DescribeNetworkInterfaces', secret: cloud.tokenSecret } as const;
  const page = openPage(input, rules, caller);
  const matches = compileFilters(input.Filters, filters, (face) => face.TagSet ?? []);
  const all = await networkInterfaces(cloud, caller);
  const missing = ids.filter((id) => all.every((face) => face.NetworkInterfaceId !== id));
  if (missing.length > 0) throw notFound('networkInterface', missing);
  endDryRun(input);
  const named = ids.length === 0 ? all : all.filter((face) => ids.includes(face.NetworkInterfaceId ?? ''));
  const { items, NextToken } = pageOf(named.filter(matches), page, (face) => face.NetworkInterfaceId ?? '');
  return { NetworkInterfaces: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

async function networkInterfaces(cloud: Cloud, caller: Caller): Promise<readonly NetworkInterface[]> {
  const rows = await cloud.db.read
    .selectFrom('instances')
    .selectAll()
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .where('state', '!=', 'terminated')
    .execute();
  const instances = await toInstances(cloud, rows);
  const faces = instances.flatMap(({ row, instance }) =>
    (instance.NetworkInterfaces ?? []).map((face) => ({ row, face })),
  );
  const tags = await readTags(
    cloud.db.read,
    faces.map(({ face }) => face.NetworkInterfaceId ?? ''),
  );
  return faces.map(({ row, face }) => {
    const { Attachment: attachment, NetworkInterfaceId: id = '', ...rest } = face;
    return {
      ...rest,
      NetworkInterfaceId: id,
      Attachment: { ...attachment, InstanceId: row.instance_id, InstanceOwnerId: row.owner_id },
      AvailabilityZone: row.zone,
      InterfaceType: 'interface',
      PrivateDnsName: `ip-${row.private_address.replaceAll('.', '-')}.ec2.internal`,
      RequesterManaged: false,
      TagSet: [...(tags.get(id) ?? [])],
    };
  });
}
