import type {
  DescribeVolumesModificationsRequest,
  DescribeVolumesModificationsResult,
  VolumeModification,
} from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import type { FilterTable } from '../../ec2/filters/filters.ts';
import { refusePageOfIds } from '../../ec2/pagination.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { listResources } from '../describe/list-resources.ts';
import type { VolumeRow } from './record.ts';
import { toModification } from './to-modification.ts';

const filters: FilterTable<VolumeModification> = {
  'modification-state': (shown) => shown.ModificationState,
  'original-iops': (shown) => shown.OriginalIops,
  'original-size': (shown) => shown.OriginalSize,
  'original-volume-type': (shown) => shown.OriginalVolumeType,
  originalMultiAttachEnabled: (shown) => shown.OriginalMultiAttachEnabled,
  'start-time': (shown) => shown.StartTime,
  'target-iops': (shown) => shown.TargetIops,
  'target-size': (shown) => shown.TargetSize,
  'target-volume-type': (shown) => shown.TargetVolumeType,
  targetMultiAttachEnabled: (shown) => shown.TargetMultiAttachEnabled,
};

/** The last change of each volume that has had one. Naming a volume that never had one is EC2's error. */
export async function describeVolumesModifications(
  cloud: Cloud,
  input: DescribeVolumesModificationsRequest,
  caller: Caller,
): Promise<DescribeVolumesModificationsResult> {
  refusePageOfIds(input, input.VolumeIds, 'volumeIds');
  const { items, NextToken } = await listResources(cloud, caller, input, {
    page: { action: 'DescribeVolumesModifications', min: 1, max: 500 },
    rows: cloud.db.read
      .selectFrom('volumes')
      .selectAll()
      .where('region', '=', caller.region)
      .where('owner_id', '=', caller.accountId)
      .where((eb) =>
        input.VolumeIds === undefined || input.VolumeIds.length === 0
          ? eb('modification', 'is not', null)
          : eb('volume_id', 'in', input.VolumeIds as VolumeRow['volume_id'][]),
      ),
    ids: { resource: 'volume', values: input.VolumeIds },
    key: 'volumes.volume_id',
    keyOf: (row) => row.volume_id,
    columns: { 'volume-id': 'volumes.volume_id' },
    filters,
    show: async (rows) => rows.map(modificationOrFault),
  });
  return { VolumesModifications: [...items], ...(NextToken === undefined ? {} : { NextToken }) };
}

function modificationOrFault(volume: VolumeRow): VolumeModification {
  const modification = toModification(volume);
  if (modification !== undefined) return modification;
  throw new Ec2Fault(
    'InvalidVolumeModification.NotFound',
    `Modification for volume '${volume.volume_id}' does not exist.`,
  );
}
