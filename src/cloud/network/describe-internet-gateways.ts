import type {
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult,
  InternetGateway,
} from '@aws-sdk/client-ec2';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { readTags } from '../tags/read-tags.ts';
import { vpcRows } from './default-vpc.ts';

const columns = {
  'attachment.vpc-id': 'vpcs.vpc_id',
  'internet-gateway-id': 'vpcs.internet_gateway_id',
  'owner-id': 'vpcs.owner_id',
} as const;

export async function describeInternetGateways(
  cloud: Cloud,
  input: DescribeInternetGatewaysRequest,
  caller: Caller,
): Promise<DescribeInternetGatewaysResult> {
  refusePageOfIds(input, input.InternetGatewayIds, 'internetGatewayIds');
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeInternetGateways' },
    rows: await vpcRows(cloud, caller),
    ids: { resource: 'internetGateway', values: input.InternetGatewayIds },
    key: 'vpcs.internet_gateway_id',
    keyOf: (row) => row.internet_gateway_id,
    columns,
    filters: { 'attachment.state': () => 'available' },
    tagsOf: (gateway: InternetGateway) => gateway.Tags ?? [],
    show: async (rows) => {
      const tags = await readTags(
        cloud.db.read,
        rows.map((row) => row.internet_gateway_id),
      );
      return rows.map(
        (row): InternetGateway => ({
          InternetGatewayId: row.internet_gateway_id,
          OwnerId: row.owner_id,
          // EC2 says 'available' here, a word that AttachmentStatus lacks in the SDK's types.
          Attachments: [{ VpcId: row.vpc_id, State: 'available' as 'attached' }],
          Tags: [...(tags.get(row.internet_gateway_id) ?? [])],
        }),
      );
    },
  });
  return { InternetGateways: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
