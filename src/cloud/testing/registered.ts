/** Images to try things on, without a machine. */
import type { RegisterImageRequest } from '@aws-sdk/client-ec2';
import type { Caller } from '../../ec2/types.ts';
import type { TestCloud } from './open-test-cloud.ts';

/** A snapshot of the caller's own: a copy of the base image's. */
export async function ownSnapshot(cloud: TestCloud, as: Partial<Caller> = {}): Promise<string> {
  const { Images } = await cloud.call('DescribeImages', { ImageIds: [cloud.baseImageId] });
  const { SnapshotId = '' } = await cloud.call(
    'CopySnapshot',
    {
      SourceRegion: 'us-east-1',
      SourceSnapshotId: Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '',
    },
    as,
  );
  return SnapshotId;
}

/** Registers an image as the caller; of a snapshot of its own unless the input names one. */
export async function register(
  cloud: TestCloud,
  name: string,
  input: Partial<RegisterImageRequest> & { readonly snapshotId?: string } = {},
  as: Partial<Caller> = {},
): Promise<string> {
  const { snapshotId, ...rest } = input;
  const mapped = rest.BlockDeviceMappings !== undefined;
  const SnapshotId = snapshotId ?? (mapped ? '' : await ownSnapshot(cloud, as));
  const { ImageId = '' } = await cloud.call(
    'RegisterImage',
    {
      Name: name,
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId } }],
      ...rest,
    },
    as,
  );
  return ImageId;
}
