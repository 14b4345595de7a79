import type { DescribeVolumesRequest, DescribeVolumesResult } from '@aws-sdk/client-ec2';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { type ShownVolume, toVolumes } from './to-volume.ts';

const columns = {
  'availability-zone': 'volumes.zone',
  'snapshot-id': 'volumes.snapshot_id',
  status: 'volumes.state',
  'volume-id': 'volumes.volume_id',
  'volume-type': 'volumes.volume_type',
} as const;

const filters: FilterTable<ShownVolume> = {
  'attachment.attach-time': ({ volume }) => volume.Attachments?.[0]?.AttachTime,
  'attachment.delete-on-termination': ({ volume }) => volume.Attachments?.[0]?.DeleteOnTermination,
  'attachment.device': ({ volume }) => volume.Attachments?.[0]?.Device,
  'attachment.instance-id': ({ volume }) => volume.Attachments?.[0]?.InstanceId,
  'attachment.status': ({ volume }) => volume.Attachments?.[0]?.State,
  'availability-zone-id': ({ volume }) => volume.AvailabilityZoneId,
  'create-time': ({ volume }) => volume.CreateTime,
  encrypted: ({ volume }) => volume.Encrypted,
  'fast-restored': () => false,
  'multi-attach-enabled': ({ volume }) => volume.MultiAttachEnabled,
  'operator.managed': () => false,
  'operator.principal': () => undefined,
  size: ({ volume }) => volume.Size,
};

export async function describeVolumes(
  cloud: Cloud,
  input: DescribeVolumesRequest,
  caller: Caller,
): Promise<DescribeVolumesResult> {
  refusePageOfIds(input, input.VolumeIds, 'volumeIds');
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeVolumes' },
    rows: cloud.db.read
      .selectFrom('volumes')
      .selectAll()
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId),
    ids: { resource: 'volume', values: input.VolumeIds },
    key: 'volumes.volume_id',
    keyOf: (row) => row.volume_id,
    columns,
    filters,
    tagsOf: ({ volume }) => volume.Tags ?? [],
    show: (rows) => toVolumes(cloud, rows),
  });
  return {
    Volumes: items.map(({ volume }) => volume),
    ...(NextToken === undefined ? {} : { NextToken }),
  };
}
