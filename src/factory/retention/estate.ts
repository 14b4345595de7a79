/** Everything of one's own in a region, read once. */
import type { Image, Snapshot } from '@aws-sdk/client-ec2';
import type { Place } from './references.ts';

export interface Estate {
  /** Those in the bin too. */
  readonly images: readonly Image[];
  readonly snapshots: readonly Snapshot[];
}

const pageSize = 1000;

/** Snapshots first: an image made meanwhile is seen, and one that was there before has its snapshots listed. */
export async function readEstate({ target, region }: Place): Promise<Estate> {
  const { paginateDescribeImages, paginateDescribeSnapshots } = await import('@aws-sdk/client-ec2');
  const client = await target.client(region);
  const snapshots: Snapshot[] = [];
  for await (const page of paginateDescribeSnapshots({ client, pageSize }, { OwnerIds: ['self'] })) {
    snapshots.push(...(page.Snapshots ?? []));
  }
  const images: Image[] = [];
  const request = { Owners: ['self'], IncludeDeprecated: true, IncludeDisabled: true };
  for await (const page of paginateDescribeImages({ client, pageSize }, request)) {
    images.push(...(page.Images ?? []));
  }
  return { images, snapshots };
}

/** What it stores; what its volume could hold, where the target doesn't tell. */
export function snapshotBytes({ FullSnapshotSizeInBytes, VolumeSize = 0 }: Snapshot): number {
  return FullSnapshotSizeInBytes ?? VolumeSize * 1024 ** 3;
}
