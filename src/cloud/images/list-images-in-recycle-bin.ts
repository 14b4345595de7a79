import type { ListImagesInRecycleBinRequest, ListImagesInRecycleBinResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import { invalidParameterValue } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { date } from '../snapshots/to-snapshot.ts';

const maxIds = 20;

export async function listImagesInRecycleBin(
  cloud: Cloud,
  input: ListImagesInRecycleBinRequest,
  caller: Caller,
): Promise<ListImagesInRecycleBinResult> {
  refusePageOfIds(input, input.ImageIds, 'imageIds');
  if ((input.ImageIds ?? []).length > maxIds) {
    throw invalidParameterValue(`ImageIds has ${input.ImageIds?.length} ids; at most ${maxIds} are allowed`);
  }
  endDryRun(input);
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'ListImagesInRecycleBin' },
    rows: cloud.db.read
      .selectFrom('images')
      .selectAll()
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId)
      .where('binned_at', 'is not', null),
    ids: { resource: 'image', values: input.ImageIds },
    key: 'images.image_id',
    keyOf: (row) => row.image_id,
    columns: {},
    filters: {},
    show: async (rows) =>
      rows.map((row) => ({
        ImageId: row.image_id,
        Name: row.name,
        ...(row.description === null ? {} : { Description: row.description }),
        RecycleBinEnterTime: date(row.binned_at),
        RecycleBinExitTime: date(row.bin_until),
      })),
  });
  return { Images: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
