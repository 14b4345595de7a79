/** Snapshots that an image of ours left behind when it was deregistered: nothing else would ever delete them. */
import type { Place } from './references.ts';

export interface OrphanedSnapshot {
  readonly snapshotId: string;
  readonly sizeBytes: number;
  readonly startedAt: string;
  /** The image that it was made for and that is gone. */
  readonly imageId: string;
}

/** What EC2 itself writes on the snapshots of CreateImage and CopyImage. */
const madeFor = [
  /^Created by CreateImage\(i-[0-9a-f]+\) for (ami-[0-9a-f]+)/,
  /^Copied for DestinationAmi (ami-[0-9a-f]+) from SourceAmi/,
];

/**
 * Only those that EC2 says were made for an image which `isOurs`, whether it is still there or not. An image that is
 * in the bin is there.
 */
export async function findOrphanedSnapshots(
  place: Place,
  isOurs: (imageId: string) => boolean,
): Promise<readonly OrphanedSnapshot[]> {
  const { paginateDescribeSnapshots } = await import('@aws-sdk/client-ec2');
  const client = await place.target.client(place.region);
  const candidates: OrphanedSnapshot[] = [];
  for await (const page of paginateDescribeSnapshots({ client, pageSize: 500 }, { OwnerIds: ['self'] })) {
    for (const snapshot of page.Snapshots ?? []) {
      const imageId = imageOf(snapshot.Description ?? '');
      if (imageId === undefined || !isOurs(imageId) || snapshot.State !== 'completed') continue;
      candidates.push({
        snapshotId: snapshot.SnapshotId ?? '',
        sizeBytes: snapshot.FullSnapshotSizeInBytes ?? (snapshot.VolumeSize ?? 0) * 1024 ** 3,
        startedAt: snapshot.StartTime?.toISOString() ?? '',
        imageId,
      });
    }
  }
  // Asked after the snapshots: an image made meanwhile is seen, one that was there before has its snapshots listed.
  const used = await usedSnapshots(place);
  return candidates.filter(({ snapshotId }) => !used.has(snapshotId));
}

async function usedSnapshots(place: Place): Promise<ReadonlySet<string>> {
  const { paginateDescribeImages } = await import('@aws-sdk/client-ec2');
  const client = await place.target.client(place.region);
  const used = new Set<string>();
  const request = { Owners: ['self'], IncludeDeprecated: true, IncludeDisabled: true };
  for await (const page of paginateDescribeImages({ client, pageSize: 500 }, request)) {
    for (const { BlockDeviceMappings = [] } of page.Images ?? []) {
      for (const { Ebs } of BlockDeviceMappings) if (Ebs?.SnapshotId) used.add(Ebs.SnapshotId);
    }
  }
  return used;
}

function imageOf(description: string): string | undefined {
  for (const pattern of madeFor) {
    const found = pattern.exec(description)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}
