import { invalid } from '../../ec2/ebs/faults.ts';
import type { EbsInputOf, EbsOutputOf } from '../../ec2/ebs/types.ts';
import type { Caller } from '../../ec2/types.ts';
import { blockBytes } from '../../node/block-contract.ts';
import type { Cloud } from '../cloud.ts';
import { areRelated } from './are-related.ts';
import { readableSnapshot, storedDisk } from './find-snapshot.ts';
import { largestPage } from './list-snapshot-blocks.ts';
import { blockToken, blockTokenExpiry, pageToken, readPageToken } from './tokens.ts';

/**
 * Blocks whose content differs. Each has a token for the second snapshot, also where that reads as zeros by now, so
 * that copying what is listed makes the one out of the other.
 */
export async function listChangedBlocks(
  cloud: Cloud,
  input: EbsInputOf<'ListChangedBlocks'>,
  caller: Caller,
): Promise<EbsOutputOf<'ListChangedBlocks'>> {
  if (input.FirstSnapshotId === undefined) {
    throw invalid('INVALID_PARAMETER_VALUE', 'FirstSnapshotId must be given with SecondSnapshotId.');
  }
  const first = await readableSnapshot(cloud, caller, input.FirstSnapshotId);
  const second = await readableSnapshot(cloud, caller, input.SecondSnapshotId);
  if (!(await areRelated(cloud, first, second))) {
    throw invalid(
      'UNRELATED_SNAPSHOTS',
      `'${first.snapshot_id}' and '${second.snapshot_id}' have no volume or snapshot in common; list all blocks instead.`,
    );
  }
  const { tokenSecret } = cloud;
  const question = ['ListChangedBlocks', first.snapshot_id, second.snapshot_id];
  const { blocks, nextBlock } = await cloud.nodes.get(second.node_id).listChangedBlocks({
    first: storedDisk(first),
    second: storedDisk(second),
    startingBlock:
      input.NextToken === undefined
        ? (input.StartingBlockIndex ?? 0)
        : readPageToken(tokenSecret, question, input.NextToken),
    maxBlocks: input.MaxResults ?? largestPage,
  });
  const ExpiryTime = blockTokenExpiry(cloud.now());
  const tokenOf = ({ snapshot_id: id }: typeof first, index: number) =>
    blockToken(tokenSecret, id, index, ExpiryTime);
  return {
    ChangedBlocks: blocks.map(({ index, inFirst }) => ({
      BlockIndex: index,
      ...(inFirst ? { FirstBlockToken: tokenOf(first, index) } : {}),
      SecondBlockToken: tokenOf(second, index),
    })),
    ExpiryTime,
    VolumeSize: second.volume_size_gib,
    BlockSize: blockBytes,
    NextToken: nextBlock === undefined ? undefined : pageToken(tokenSecret, question, nextBlock),
  };
}
