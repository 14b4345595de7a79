import type { EBS } from '@aws-sdk/client-ebs';
import type { EC2 } from '@aws-sdk/client-ec2';
import { type Tags, tagList } from '../aws/tags.ts';
import { until } from '../aws/until.ts';
import { readDiskFile } from './disk-file.ts';

const uploadMinutes = 24 * 60;
const sealMs = 60 * 60_000;

export interface DiskToTake {
  /** Absolute; what it holds was verified. */
  readonly file: string;
  readonly sizeGiB: number;
  readonly description: string;
  readonly tags: Tags;
}

/** A completed snapshot of what a disk file holds. */
export async function snapshotOfDisk(
  { ec2, ebs }: { readonly ec2: EC2; readonly ebs: EBS },
  { file, sizeGiB, description, tags }: DiskToTake,
  signal: AbortSignal,
): Promise<string> {
  const { SnapshotId: snapshotId = '' } = await ebs.startSnapshot({
    VolumeSize: sizeGiB,
    Timeout: uploadMinutes,
    Description: description.slice(0, 255),
    Tags: tagList(tags),
  });
  const { blocks, checksum } = await readDiskFile(ebs, file, { snapshotId, sizeGiB }, signal);
  await ebs.completeSnapshot({
    SnapshotId: snapshotId,
    ChangedBlocksCount: blocks,
    Checksum: checksum,
    ChecksumAlgorithm: 'SHA256',
    ChecksumAggregationMethod: 'LINEAR',
  });
  const read = async () => {
    const { Snapshots: [snapshot] = [] } = await ec2.describeSnapshots({ SnapshotIds: [snapshotId] });
    if (snapshot?.State === 'error') throw new Error(`The snapshot ${snapshotId} failed at the target`);
    return snapshot?.State === 'completed' ? snapshotId : undefined;
  };
  return await until(read, { signal, deadlineMs: sealMs, what: `${snapshotId} to be completed` });
}
