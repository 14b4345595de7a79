import type { ListSnapshotsInRecycleBinRequest, ListSnapshotsInRecycleBinResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { date } from './to-snapshot.ts';

export async function listSnapshotsInRecycleBin(
  cloud: Cloud,
  input: ListSnapshotsInRecycleBinRequest,
  caller: Caller,
): Promise<ListSnapshotsInRecycleBinResult> {
  refusePageOfIds(input, input.SnapshotIds, 'snapshotIds');
  endDryRun(input);
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'ListSnapshotsInRecycleBin' },
    rows: cloud.db.read
      .selectFrom('snapshots')
      .selectAll()
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId)
      .where('binned_at', 'is not', null),
    ids: { resource: 'snapshot', values: input.SnapshotIds },
    key: 'snapshots.snapshot_id',
    keyOf: (row) => row.snapshot_id,
    columns: {},
    filters: {},
    show: async (rows) =>
      rows.map((row) => ({
        SnapshotId: row.snapshot_id,
        VolumeId: row.volume_id,
        Description: row.description,
        RecycleBinEnterTime: date(row.binned_at),
        RecycleBinExitTime: date(row.bin_until),
      })),
  });
  return { Snapshots: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
