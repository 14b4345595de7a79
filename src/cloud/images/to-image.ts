/** Rows as EC2 shows them. */
import type { BlockDeviceMapping, Image } from '@aws-sdk/client-ec2';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { readVisibleTags } from '../tags/visible-tags.ts';
import { protectionAt } from './deregistration-protection.ts';
import { blockDevices, type ImageRow, type StoredBlockDevice } from './record.ts';

export interface ShownImage {
  readonly row: ImageRow;
  readonly image: Image;
}

export async function toImages(
  cloud: Cloud,
  caller: Caller,
  rows: readonly ImageRow[],
): Promise<readonly ShownImage[]> {
  const tags = await readVisibleTags(
    cloud,
    caller,
    rows.map((row) => ({ id: row.image_id, ownerId: row.owner_id })),
  );
  const now = cloud.now();
  return rows.map((row) => ({
    row,
    image: { ...toImage(cloud, row, now), Tags: [...(tags.get(row.image_id) ?? [])] },
  }));
}

function toImage(cloud: Cloud, row: ImageRow, now: Date): Image {
  const alias = ownerAlias(cloud, row);
  return {
    ImageId: row.image_id,
    ImageLocation: `${alias ?? row.owner_id}/${row.name}`,
    ImageType: 'machine',
    State: row.state,
    OwnerId: row.owner_id,
    ...(alias === undefined ? {} : { ImageOwnerAlias: alias }),
    Name: row.name,
    ...(row.description === null ? {} : { Description: row.description }),
    CreationDate: row.created_at,
    Public: row.is_public === 1,
    Architecture: row.architecture,
    PlatformDetails: 'Linux/UNIX',
    UsageOperation: 'RunInstances',
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    EnaSupport: row.ena_support === 1,
    SriovNetSupport: 'simple',
    RootDeviceName: row.root_device_name,
    RootDeviceType: 'ebs',
    BlockDeviceMappings: blockDevices(row).map(toMapping),
    ...optional(row),
    DeregistrationProtection: protectionAt(row, now),
    ...(row.state_reason_code === null
      ? {}
      : { StateReason: { Code: row.state_reason_code, Message: row.state_reason_message ?? '' } }),
  };
}

/** What EC2 leaves out where there is nothing to say. */
function optional(row: ImageRow): Image {
  const members: Image = {
    BootMode: (row.boot_mode ?? undefined) as Image['BootMode'],
    ImdsSupport: (row.imds_support ?? undefined) as Image['ImdsSupport'],
    TpmSupport: (row.tpm_support ?? undefined) as Image['TpmSupport'],
    DeprecationTime: row.deprecation_time ?? undefined,
    LastLaunchedTime: row.last_launched_at ?? undefined,
    SourceInstanceId: row.source_instance_id ?? undefined,
    SourceImageId: row.source_image_id ?? undefined,
    SourceImageRegion: row.source_image_region ?? undefined,
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

export function ownerAlias(cloud: Cloud, row: Pick<ImageRow, 'owner_id'>): 'amazon' | undefined {
  return row.owner_id === cloud.config.baseAccountId ? 'amazon' : undefined;
}

function toMapping(device: StoredBlockDevice): BlockDeviceMapping {
  const { deviceName, virtualName, ebs } = device;
  if (ebs === undefined) return { DeviceName: deviceName, VirtualName: virtualName };
  return {
    DeviceName: deviceName,
    Ebs: {
      ...(ebs.snapshotId === undefined ? {} : { SnapshotId: ebs.snapshotId }),
      VolumeSize: ebs.sizeGiB,
      VolumeType: ebs.volumeType as NonNullable<BlockDeviceMapping['Ebs']>['VolumeType'],
      ...(ebs.iops === undefined ? {} : { Iops: ebs.iops }),
      ...(ebs.throughput === undefined ? {} : { Throughput: ebs.throughput }),
      DeleteOnTermination: ebs.deleteOnTermination,
      Encrypted: false,
    },
  };
}
