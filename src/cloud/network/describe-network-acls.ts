import type {
  DescribeNetworkAclsRequest,
  DescribeNetworkAclsResult,
  NetworkAcl,
  NetworkAclEntry,
} from '@aws-sdk/client-ec2';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { readTags } from '../tags/read-tags.ts';
import { defaultVpc, vpcRows } from './default-vpc.ts';

const columns = {
  'network-acl-id': 'vpcs.network_acl_id',
  'association.network-acl-id': 'vpcs.network_acl_id',
  'owner-id': 'vpcs.owner_id',
  'vpc-id': 'vpcs.vpc_id',
} as const;

const filters: FilterTable<NetworkAcl> = {
  'association.association-id': (acl) =>
    (acl.Associations ?? []).map((association) => association.NetworkAclAssociationId ?? ''),
  'association.subnet-id': (acl) => (acl.Associations ?? []).map((association) => association.SubnetId ?? ''),
  default: () => true,
  'entry.cidr': () => '0.0.0.0/0',
  'entry.egress': () => ['true', 'false'],
  'entry.protocol': () => '-1',
  'entry.rule-action': () => ['allow', 'deny'],
  'entry.rule-number': () => ['100', '32767'],
};

/** EC2's default network ACL lets everything pass; security groups decide. */
const entries: readonly NetworkAclEntry[] = [true, false].flatMap((Egress) => [
  { Egress, CidrBlock: '0.0.0.0/0', Protocol: '-1', RuleAction: 'allow', RuleNumber: 100 },
  { Egress, CidrBlock: '0.0.0.0/0', Protocol: '-1', RuleAction: 'deny', RuleNumber: 32767 },
]);

export async function describeNetworkAcls(
  cloud: Cloud,
  input: DescribeNetworkAclsRequest,
  caller: Caller,
): Promise<DescribeNetworkAclsResult> {
  refusePageOfIds(input, input.NetworkAclIds, 'networkAclIds');
  const { subnets } = await defaultVpc(cloud, caller);
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeNetworkAcls' },
    rows: await vpcRows(cloud, caller),
    ids: { resource: 'networkAcl', values: input.NetworkAclIds },
    key: 'vpcs.network_acl_id',
    keyOf: (row) => row.network_acl_id,
    columns,
    filters,
    tagsOf: (acl) => acl.Tags ?? [],
    show: async (rows) => {
      const tags = await readTags(
        cloud.db.read,
        rows.map((row) => row.network_acl_id),
      );
      return rows.map((row) => ({
        NetworkAclId: row.network_acl_id,
        VpcId: row.vpc_id,
        OwnerId: row.owner_id,
        IsDefault: true,
        Associations: subnets.map((subnet) => ({
          NetworkAclAssociationId: `aclassoc-${subnet.subnet_id.slice('subnet-'.length)}`,
          NetworkAclId: row.network_acl_id,
          SubnetId: subnet.subnet_id,
        })),
        Entries: [...entries],
        Tags: [...(tags.get(row.network_acl_id) ?? [])],
      }));
    },
  });
  return { NetworkAcls: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
