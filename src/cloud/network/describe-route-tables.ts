import type { DescribeRouteTablesRequest, DescribeRouteTablesResult, RouteTable } from '@aws-sdk/client-ec2';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { readTags } from '../tags/read-tags.ts';
import { vpcRows } from './default-vpc.ts';
import type { VpcTable } from './table.ts';

const columns = {
  'association.route-table-id': 'vpcs.route_table_id',
  'owner-id': 'vpcs.owner_id',
  'route-table-id': 'vpcs.route_table_id',
  'vpc-id': 'vpcs.vpc_id',
} as const;

const filters: FilterTable<RouteTable> = {
  'association.main': () => true,
  'association.route-table-association-id': (table) =>
    (table.Associations ?? []).map((association) => association.RouteTableAssociationId ?? ''),
  // Every subnet follows the main table; none is associated by itself.
  'association.subnet-id': () => [],
  'association.gateway-id': () => [],
  'route.destination-cidr-block': (table) =>
    (table.Routes ?? []).map((route) => route.DestinationCidrBlock ?? ''),
  'route.gateway-id': (table) => (table.Routes ?? []).map((route) => route.GatewayId ?? ''),
  'route.origin': (table) => (table.Routes ?? []).map((route) => route.Origin ?? ''),
  'route.state': () => 'active',
};

/** The main route table of the default VPC: within it, and to the outside. */
export async function describeRouteTables(
  cloud: Cloud,
  input: DescribeRouteTablesRequest,
  caller: Caller,
): Promise<DescribeRouteTablesResult> {
  refusePageOfIds(input, input.RouteTableIds, 'routeTableIds');
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeRouteTables', max: 100 },
    rows: await vpcRows(cloud, caller),
    ids: { resource: 'routeTable', values: input.RouteTableIds },
    key: 'vpcs.route_table_id',
    keyOf: (row) => row.route_table_id,
    columns,
    filters,
    tagsOf: (table) => table.Tags ?? [],
    show: async (rows) => {
      const tags = await readTags(
        cloud.db.read,
        rows.map((row) => row.route_table_id),
      );
      return rows.map((row) => ({ ...toRouteTable(row), Tags: [...(tags.get(row.route_table_id) ?? [])] }));
    },
  });
  return { RouteTables: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

function toRouteTable(row: VpcTable): RouteTable {
  return {
    RouteTableId: row.route_table_id,
    VpcId: row.vpc_id,
    OwnerId: row.owner_id,
    Associations: [
      {
        Main: true,
        RouteTableAssociationId: `rtbassoc-${row.route_table_id.slice('rtb-'.length)}`,
        RouteTableId: row.route_table_id,
        AssociationState: { State: 'associated' },
      },
    ],
    PropagatingVgws: [],
    Routes: [
      { DestinationCidrBlock: row.cidr, GatewayId: 'local', Origin: 'CreateRouteTable', State: 'active' },
      {
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: row.internet_gateway_id,
        Origin: 'CreateRoute',
        State: 'active',
      },
    ],
  };
}
