/** An image whose disk holds known blocks, written with EBS direct. */
import { createHash } from 'node:crypto';
import { type Tags, tagList } from '../../aws/tags.ts';
import { until } from '../../aws/until.ts';
import type { Place } from '../../retention/references.ts';
import { blockBytes } from '../count-blocks.ts';

export interface WrittenDisk {
  /** Its blocks begin as the parent's. */
  readonly parent?: string;
  /** By index, what fills the block. */
  readonly blocks: Readonly<Record<number, string>>;
}

export async function writtenSnapshot({ target, region }: Place, disk: WrittenDisk): Promise<string> {
  const ebs = await target.ebs(region);
  const parent = disk.parent === undefined ? {} : { ParentSnapshotId: disk.parent };
  const { SnapshotId: snapshotId = '' } = await ebs.startSnapshot({ VolumeSize: 1, ...parent });
  for (const [index, letter] of Object.entries(disk.blocks)) {
    const data = Buffer.alloc(blockBytes, letter);
    await ebs.putSnapshotBlock({
      SnapshotId: snapshotId,
      BlockIndex: Number(index),
      BlockData: data,
      DataLength: blockBytes,
      Checksum: createHash('sha256').update(data).digest('base64'),
      ChecksumAlgorithm: 'SHA256',
    });
  }
  await ebs.completeSnapshot({ SnapshotId: snapshotId, ChangedBlocksCount: Object.keys(disk.blocks).length });
  const ec2 = await target.client(region);
  await until(
    async () => {
      const { Snapshots: [snapshot] = [] } = await ec2.describeSnapshots({ SnapshotIds: [snapshotId] });
      return snapshot?.State === 'completed' ? true : undefined;
    },
    { signal: new AbortController().signal, deadlineMs: 60_000, everyMs: [20, 200], what: snapshotId },
  );
  return snapshotId;
}

export async function imageOf(
  { target, region }: Place,
  {
    name,
    snapshotId,
    tags = {},
  }: { readonly name: string; readonly snapshotId: string; readonly tags?: Tags },
): Promise<string> {
  const ec2 = await target.client(region);
  const { ImageId = '' } = await ec2.registerImage({
    Name: name,
    Architecture: 'x86_64',
    VirtualizationType: 'hvm',
    RootDeviceName: '/dev/sda1',
    BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId: snapshotId } }],
  });
  if (Object.keys(tags).length > 0) {
    await ec2.createTags({ Resources: [ImageId], Tags: tagList(tags) });
  }
  return ImageId;
}
