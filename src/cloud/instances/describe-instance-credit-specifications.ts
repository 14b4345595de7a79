import type {
  DescribeInstanceCreditSpecificationsRequest,
  DescribeInstanceCreditSpecificationsResult,
} from '@aws-sdk/client-ec2';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { instanceTypes } from './instance-types.ts';

/** Burstable machines are never slowed down here, which is EC2's 'unlimited'. */
export async function describeInstanceCreditSpecifications(
  cloud: Cloud,
  input: DescribeInstanceCreditSpecificationsRequest,
  caller: Caller,
): Promise<DescribeInstanceCreditSpecificationsResult> {
  const { InstanceIds: ids = [] } = input;
  refusePageOfIds(input, ids, 'instanceIds');
  const burstable = instanceTypes.filter((type) => type.burstable).map((type) => type.name);
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeInstanceCreditSpecifications' },
    rows: cloud.db.read
      .selectFrom('instances')
      .selectAll()
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId)
      .where('state', '!=', 'terminated')
      .where('instance_type', 'in', burstable),
    ids: { resource: 'instance', values: ids },
    key: 'instances.instance_id',
    keyOf: (row) => row.instance_id,
    columns: { 'instance-id': 'instances.instance_id' },
    filters: {},
    show: async (rows) => rows.map((row) => ({ InstanceId: row.instance_id, CpuCredits: 'unlimited' })),
  });
  return { InstanceCreditSpecifications: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
