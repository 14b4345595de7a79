import type { EbsInputOf, EbsOutputOf } from '../../ec2/ebs/types.ts';
import type { Caller } from '../../ec2/types.ts';
import { blockBytes } from '../../node/block-contract.ts';
import type { Cloud } from '../cloud.ts';
import { readableSnapshot, storedDisk } from './find-snapshot.ts';
import { blockToken, blockTokenExpiry, pageToken, readPageToken } from './tokens.ts';

export const largestPage = 10_000;

export async function listSnapshotBlocks(
  cloud: Cloud,
  input: EbsInputOf<'ListSnapshotBlocks'>,
  caller: Caller,
): Promise<EbsOutputOf<'ListSnapshotBlocks'>> {
  const snapshot = await readableSnapshot(cloud, caller, input.SnapshotId);
  const { tokenSecret } = cloud;
  const question = ['ListSnapshotBlocks', snapshot.snapshot_id];
  const { blocks, nextBlock } = await cloud.nodes.get(snapshot.node_id).listBlocks({
    disk: storedDisk(snapshot),
    startingBlock:
      input.NextToken === undefined
        ? (input.StartingBlockIndex ?? 0)
        : readPageToken(tokenSecret, question, input.NextToken),
    maxBlocks: input.MaxResults ?? largestPage,
  });
  const ExpiryTime = blockTokenExpiry(cloud.now());
  return {
    Blocks: blocks.map((index) => ({
      BlockIndex: index,
      BlockToken: blockToken(tokenSecret, snapshot.snapshot_id, index, ExpiryTime),
    })),
    ExpiryTime,
    VolumeSize: snapshot.volume_size_gib,
    BlockSize: blockBytes,
    NextToken: nextBlock === undefined ? undefined : pageToken(tokenSecret, question, nextBlock),
  };
}
