/** Snapshots that an image of ours left behind when it was deregistered: nothing else would ever delete them. */
import type { Snapshot } from '@aws-sdk/client-ec2';
import { type Estate, snapshotBytes } from './estate.ts';
import { snapshotIdsOf } from './managed-images.ts';

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
export function orphanedSnapshots(
  estate: Estate,
  isOurs: (imageId: string, snapshot: Snapshot) => boolean,
): readonly OrphanedSnapshot[] {
  const used = new Set(estate.images.flatMap(snapshotIdsOf));
  return estate.snapshots.flatMap((snapshot) => {
    const { SnapshotId: snapshotId = '', State, StartTime } = snapshot;
    const imageId = imageOf(snapshot.Description ?? '');
    if (imageId === undefined || State !== 'completed' || used.has(snapshotId)) return [];
    if (!isOurs(imageId, snapshot)) return [];
    return [
      { snapshotId, imageId, sizeBytes: snapshotBytes(snapshot), startedAt: StartTime?.toISOString() ?? '' },
    ];
  });
}

function imageOf(description: string): string | undefined {
  for (const pattern of madeFor) {
    const found = pattern.exec(description)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}
