import type { DescribeSubnetsRequest, DescribeSubnetsResult, Subnet } from '@aws-sdk/client-ec2';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { zoneId } from '../regions/zones.ts';
import { readTags } from '../tags/read-tags.ts';
import { defaultVpc } from './default-vpc.ts';
import { parseCidr } from './private-address.ts';
import type { SubnetTable } from './table.ts';

const columns = {
  'availability-zone': 'subnets.zone',
  availabilityZone: 'subnets.zone',
  cidr: 'subnets.cidr',
  cidrBlock: 'subnets.cidr',
  'cidr-block': 'subnets.cidr',
  'owner-id': 'subnets.owner_id',
  'subnet-id': 'subnets.subnet_id',
  'vpc-id': 'subnets.vpc_id',
} as const;

const filters: FilterTable<Subnet> = {
  'availability-zone-id': (subnet) => subnet.AvailabilityZoneId,
  availabilityZoneId: (subnet) => subnet.AvailabilityZoneId,
  'available-ip-address-count': (subnet) => subnet.AvailableIpAddressCount,
  'default-for-az': (subnet) => subnet.DefaultForAz,
  defaultForAz: (subnet) => subnet.DefaultForAz,
  'ipv6-native': (subnet) => subnet.Ipv6Native,
  'map-public-ip-on-launch': (subnet) => subnet.MapPublicIpOnLaunch,
  state: (subnet) => subnet.State,
  'subnet-arn': (subnet) => subnet.SubnetArn,
};

export async function describeSubnets(
  cloud: Cloud,
  input: DescribeSubnetsRequest,
  caller: Caller,
): Promise<DescribeSubnetsResult> {
  refusePageOfIds(input, input.SubnetIds, 'subnetIds');
  await defaultVpc(cloud, caller);
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeSubnets' },
    rows: cloud.db.read
      .selectFrom('subnets')
      .selectAll()
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId),
    ids: { resource: 'subnet', values: input.SubnetIds },
    key: 'subnets.subnet_id',
    keyOf: (row) => row.subnet_id,
    columns,
    filters,
    tagsOf: (subnet) => subnet.Tags ?? [],
    show: (rows) => toSubnets(cloud, rows),
  });
  return { Subnets: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

async function toSubnets(cloud: Cloud, rows: readonly SubnetTable[]): Promise<Subnet[]> {
  const ids = rows.map((row) => row.subnet_id);
  if (ids.length === 0) return [];
  const tags = await readTags(cloud.db.read, ids);
  const used = await cloud.db.read
    .selectFrom('instances')
    .select((e) => ['subnet_id', e.fn.countAll<number>().as('count')])
    .where('subnet_id', 'in', ids)
    .where('state', '!=', 'terminated')
    .groupBy('subnet_id')
    .execute();
  const usedOf = new Map(used.map((row) => [row.subnet_id, Number(row.count)]));
  return rows.map((row) => ({
    SubnetId: row.subnet_id,
    SubnetArn: `arn:aws:ec2:${row.region}:${row.owner_id}:subnet/${row.subnet_id}`,
    VpcId: row.vpc_id,
    OwnerId: row.owner_id,
    AvailabilityZone: row.zone,
    AvailabilityZoneId: zoneId(cloud, row.region, row.zone),
    CidrBlock: row.cidr,
    // EC2 keeps five addresses of each subnet.
    AvailableIpAddressCount: parseCidr(row.cidr).size - 5 - (usedOf.get(row.subnet_id) ?? 0),
    DefaultForAz: true,
    MapPublicIpOnLaunch: true,
    AssignIpv6AddressOnCreation: false,
    Ipv6CidrBlockAssociationSet: [],
    Ipv6Native: false,
    EnableDns64: false,
    MapCustomerOwnedIpOnLaunch: false,
    State: 'available',
    Tags: [...(tags.get(row.subnet_id) ?? [])],
  }));
}
