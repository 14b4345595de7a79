import type {
  DescribeVolumeStatusRequest,
  DescribeVolumeStatusResult,
  VolumeStatusItem,
} from '@aws-sdk/client-ec2';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import type { VolumeRow } from './record.ts';

const detailsOf = (item: VolumeStatusItem) => item.VolumeStatus?.Details ?? [];

const filters: FilterTable<VolumeStatusItem> = {
  'action.code': () => [],
  'action.description': () => [],
  'action.event-id': () => [],
  'availability-zone': (item) => item.AvailabilityZone,
  'event.description': () => [],
  'event.event-id': () => [],
  'event.event-type': () => [],
  'event.not-after': () => [],
  'event.not-before': () => [],
  'volume-status.details-name': (item) => detailsOf(item).map((detail) => detail.Name ?? ''),
  'volume-status.details-status': (item) => detailsOf(item).map((detail) => detail.Status ?? ''),
  'volume-status.status': (item) => item.VolumeStatus?.Status,
};

export async function describeVolumeStatus(
  cloud: Cloud,
  input: DescribeVolumeStatusRequest,
  caller: Caller,
): Promise<DescribeVolumeStatusResult> {
  refusePageOfIds(input, input.VolumeIds, 'volumeIds');
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeVolumeStatus' },
    rows: cloud.db.read
      .selectFrom('volumes')
      .selectAll()
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId),
    ids: { resource: 'volume', values: input.VolumeIds },
    key: 'volumes.volume_id',
    keyOf: (row) => row.volume_id,
    columns: {},
    filters,
    show: async (rows) => rows.map(toStatus),
  });
  return { VolumeStatuses: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

/** A volume is impaired when its layer could not be made, and unknown until it is. */
function toStatus(row: VolumeRow): VolumeStatusItem {
  const status = row.state === 'error' ? 'impaired' : row.layer_made === 1 ? 'ok' : 'insufficient-data';
  const passed = { ok: 'passed', impaired: 'failed', 'insufficient-data': 'insufficient-data' }[status];
  return {
    VolumeId: row.volume_id,
    AvailabilityZone: row.zone,
    VolumeStatus: {
      Status: status,
      Details: [
        { Name: 'io-enabled', Status: passed },
        { Name: 'io-performance', Status: 'not-applicable' },
      ],
    },
    Actions: [],
    Events: [],
    AttachmentStatuses:
      row.instance_id === null ? [] : [{ InstanceId: row.instance_id, IoPerformance: 'not-applicable' }],
  };
}
