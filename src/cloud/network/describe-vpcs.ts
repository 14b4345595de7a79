import type { DescribeVpcsRequest, DescribeVpcsResult, Vpc } from '@aws-sdk/client-ec2';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { readTags, type TagsOf } from '../tags/read-tags.ts';
import { vpcRows } from './default-vpc.ts';
import type { VpcTable } from './table.ts';

const columns = {
  cidr: 'vpcs.cidr',
  'cidr-block-association.cidr-block': 'vpcs.cidr',
  'dhcp-options-id': 'vpcs.dhcp_options_id',
  'owner-id': 'vpcs.owner_id',
  'vpc-id': 'vpcs.vpc_id',
} as const;

/** The one VPC that an account has in a region: its default one. */
export async function describeVpcs(
  cloud: Cloud,
  input: DescribeVpcsRequest,
  caller: Caller,
): Promise<DescribeVpcsResult> {
  refusePageOfIds(input, input.VpcIds, 'vpcIds');
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeVpcs' },
    rows: await vpcRows(cloud, caller),
    ids: { resource: 'vpc', values: input.VpcIds },
    key: 'vpcs.vpc_id',
    keyOf: (row) => row.vpc_id,
    columns,
    filters: {
      'cidr-block-association.association-id': (vpc: Vpc) =>
        (vpc.CidrBlockAssociationSet ?? []).map((association) => association.AssociationId ?? ''),
      'cidr-block-association.state': () => 'associated',
      'is-default': (vpc: Vpc) => vpc.IsDefault,
      isDefault: (vpc: Vpc) => vpc.IsDefault,
      state: (vpc: Vpc) => vpc.State,
    },
    tagsOf: (vpc) => vpc.Tags ?? [],
    show: async (rows) => {
      const tags = await readTags(
        cloud.db.read,
        rows.map((row) => row.vpc_id),
      );
      return rows.map((row) => toVpc(row, tags));
    },
  });
  return { Vpcs: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

function toVpc(row: VpcTable, tags: TagsOf): Vpc {
  return {
    VpcId: row.vpc_id,
    OwnerId: row.owner_id,
    CidrBlock: row.cidr,
    CidrBlockAssociationSet: [
      {
        AssociationId: `vpc-cidr-assoc-${row.vpc_id.slice('vpc-'.length)}`,
        CidrBlock: row.cidr,
        CidrBlockState: { State: 'associated' },
      },
    ],
    DhcpOptionsId: row.dhcp_options_id,
    InstanceTenancy: 'default',
    IsDefault: true,
    State: 'available',
    Tags: [...(tags.get(row.vpc_id) ?? [])],
  };
}
