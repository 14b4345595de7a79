/** Rows as EC2 shows them. */
import type { Tag, Volume, VolumeAttachment } from '@aws-sdk/client-ec2';
import type { Cloud } from '../cloud.ts';
import { zoneId } from '../regions/zones.ts';
import { readTags } from '../tags/read-tags.ts';
import { modificationOf, type VolumeRow } from './record.ts';
import { shownIops } from './volume-types.ts';

export interface ShownVolume {
  readonly row: VolumeRow;
  readonly volume: Volume;
}

export function toVolume(cloud: Pick<Cloud, 'config'>, row: VolumeRow, tags: readonly Tag[]): Volume {
  const modification = modificationOf(row);
  const growing = modification?.state === 'modifying';
  return {
    VolumeId: row.volume_id,
    // EC2 shows the old size until the new one can be used.
    Size: growing ? modification.originalSizeGiB : row.size_gib,
    SnapshotId: row.snapshot_id ?? '',
    AvailabilityZone: row.zone,
    AvailabilityZoneId: zoneId(cloud, row.region, row.zone),
    State: row.state,
    CreateTime: new Date(row.created_at),
    Attachments: row.instance_id === null ? [] : [toAttachment(row)],
    Encrypted: false,
    Iops: shownIops(row),
    Throughput: row.throughput ?? undefined,
    VolumeType: row.volume_type as Volume['VolumeType'],
    MultiAttachEnabled: false,
    Tags: [...tags],
  };
}

export function toAttachment(row: VolumeRow): VolumeAttachment {
  return {
    VolumeId: row.volume_id,
    InstanceId: row.instance_id ?? undefined,
    Device: row.device_name ?? undefined,
    State: row.attachment_state ?? undefined,
    AttachTime: row.attached_at === null ? undefined : new Date(row.attached_at),
    DeleteOnTermination: row.delete_on_termination === 1,
  };
}

export async function toVolumes(cloud: Cloud, rows: readonly VolumeRow[]): Promise<readonly ShownVolume[]> {
  const tags = await readTags(
    cloud.db.read,
    rows.map((row) => row.volume_id),
  );
  return rows.map((row) => ({ row, volume: toVolume(cloud, row, tags.get(row.volume_id) ?? []) }));
}
