/** The filters of DescribeImages: which a column answers, which are asked of what is shown, and which narrow. */
import type { BlockDeviceMapping, Filter } from '@aws-sdk/client-ec2';
import type { FilterTable, FilterValue } from '../../ec2/filters/filters.ts';
import { sqlPattern } from '../../ec2/filters/sql-pattern.ts';
import type { ShownImage } from './to-image.ts';
import type { Images } from './visible-images.ts';

export const imageColumns = {
  architecture: 'images.architecture',
  'boot-mode': 'images.boot_mode',
  'creation-date': 'images.created_at',
  description: 'images.description',
  'image-id': 'images.image_id',
  name: 'images.name',
  'owner-id': 'images.owner_id',
  'root-device-name': 'images.root_device_name',
  'source-image-id': 'images.source_image_id',
  'source-image-region': 'images.source_image_region',
  'source-instance-id': 'images.source_instance_id',
  state: 'images.state',
  'state-reason-code': 'images.state_reason_code',
  'state-reason-message': 'images.state_reason_message',
} as const;

export const imageFilters: FilterTable<ShownImage> = {
  'block-device-mapping.delete-on-termination': devices((device) => device.Ebs?.DeleteOnTermination),
  'block-device-mapping.device-name': devices((device) => device.DeviceName),
  'block-device-mapping.encrypted': devices((device) => device.Ebs?.Encrypted),
  'block-device-mapping.snapshot-id': devices((device) => device.Ebs?.SnapshotId),
  'block-device-mapping.volume-size': devices((device) => device.Ebs?.VolumeSize),
  'block-device-mapping.volume-type': devices((device) => device.Ebs?.VolumeType),
  'ena-support': ({ image }) => image.EnaSupport,
  'free-tier-eligible': () => false,
  hypervisor: ({ image }) => image.Hypervisor,
  'image-allowed': () => undefined,
  'image-type': ({ image }) => image.ImageType,
  'is-public': ({ image }) => image.Public,
  'kernel-id': () => undefined,
  'manifest-location': ({ image }) => image.ImageLocation,
  'owner-alias': ({ image }) => image.ImageOwnerAlias,
  platform: () => undefined,
  'product-code': () => undefined,
  'product-code.type': () => undefined,
  'public-ssm-parameter-name': () => undefined,
  'ramdisk-id': () => undefined,
  'root-device-type': ({ image }) => image.RootDeviceType,
  'sriov-net-support': ({ image }) => image.SriovNetSupport,
  'virtualization-type': ({ image }) => image.VirtualizationType,
};

/**
 * Filters that the table above answers row by row, asked of an index first where they are plain: with many
 * images the rows that cannot match are never read.
 */
export function narrowed(images: Images, filters: readonly Filter[]): Images {
  return filters.reduce((rows, { Name: name, Values: values = [] }) => {
    const exact = values
      .map(sqlPattern)
      .flatMap((pattern) => (pattern.kind === 'exact' ? [pattern.value] : []));
    if (exact.length === 0 || exact.length < values.length) return rows;
    if (name === 'is-public') {
      const flags = exact.map((value) => (value === 'true' ? 1 : value === 'false' ? 0 : -1));
      return rows.where('images.is_public', 'in', flags);
    }
    if (name !== 'block-device-mapping.snapshot-id') return rows;
    return rows.where('images.image_id', 'in', (eb) =>
      eb
        .selectFrom('image_snapshots')
        .select('image_snapshots.image_id')
        .where('image_snapshots.snapshot_id', 'in', exact as never[]),
    );
  }, images);
}

function devices(
  read: (device: BlockDeviceMapping) => string | number | boolean | undefined,
): (shown: ShownImage) => FilterValue {
  return ({ image }) =>
    (image.BlockDeviceMappings ?? []).flatMap((device) => {
      const value = read(device);
      return value === undefined ? [] : [String(value)];
    });
}
