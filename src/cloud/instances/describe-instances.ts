import type { DescribeInstancesRequest, DescribeInstancesResult, Reservation } from '@aws-sdk/client-ec2';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { instanceColumns, instanceFilters, type ShownInstance } from './instance-filters.ts';
import { toInstances } from './to-instance.ts';

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
    columns: instanceColumns,
    filters: instanceFilters,
    tagsOf: ({ instance }) => instance.Tags ?? [],
    show: (rows) => toInstances(cloud, rows),
  });
  return { Reservations: reservations(items), ...(NextToken === undefined ? {} : { NextToken }) };
}

function reservations(items: readonly ShownInstance[]): Reservation[] {
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
