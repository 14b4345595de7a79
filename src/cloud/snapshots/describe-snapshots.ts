import type { DescribeSnapshotsRequest, DescribeSnapshotsResult, Snapshot } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import { tagOwners } from '../tags/visible-tags.ts';
import { toSnapshots } from './to-snapshot.ts';
import { visibleSnapshots } from './visible-snapshots.ts';

const columns = {
  description: 'snapshots.description',
  'owner-id': 'snapshots.owner_id',
  'snapshot-id': 'snapshots.snapshot_id',
  'start-time': 'snapshots.started_at',
  status: 'snapshots.state',
  'volume-id': 'snapshots.volume_id',
} as const;

const filters: FilterTable<Snapshot> = {
  encrypted: (snapshot) => snapshot.Encrypted,
  'owner-alias': (snapshot) => snapshot.OwnerAlias,
  progress: (snapshot) => snapshot.Progress,
  'storage-tier': (snapshot) => snapshot.StorageTier,
  'transfer-type': (snapshot) => snapshot.TransferType,
  'volume-size': (snapshot) => snapshot.VolumeSize,
};

export async function describeSnapshots(
  cloud: Cloud,
  input: DescribeSnapshotsRequest,
  caller: Caller,
): Promise<DescribeSnapshotsResult> {
  refusePageOfIds(input, input.SnapshotIds, 'snapshotIds');
  const rows = visibleSnapshots(cloud, caller, {
    owners: input.OwnerIds,
    restorers: input.RestorableByUserIds,
  });
  endDryRun(input);
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeSnapshots' },
    rows,
    ids: { resource: 'snapshot', values: input.SnapshotIds, among: visibleSnapshots(cloud, caller, {}) },
    key: 'snapshots.snapshot_id',
    keyOf: (row) => row.snapshot_id,
    columns,
    filters,
    tagsOf: (snapshot) => snapshot.Tags ?? [],
    tagOwners: tagOwners(cloud, caller),
    show: (found) => toSnapshots(cloud, caller, found),
  });
  return { Snapshots: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}
