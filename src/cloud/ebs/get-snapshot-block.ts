import type { EbsInputOf, EbsOutputOf } from '../../ec2/ebs/types.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { readableSnapshot, storedDisk } from './find-snapshot.ts';
import { checkBlockToken } from './tokens.ts';

export async function getSnapshotBlock(
  cloud: Cloud,
  input: EbsInputOf<'GetSnapshotBlock'>,
  caller: Caller,
): Promise<EbsOutputOf<'GetSnapshotBlock'>> {
  const { BlockIndex: index = 0, BlockToken: token = '' } = input;
  const snapshot = await readableSnapshot(cloud, caller, input.SnapshotId);
  checkBlockToken(cloud.tokenSecret, { snapshotId: snapshot.snapshot_id, index, token, now: cloud.now() });
  const { content, sha256 } = await cloud.nodes
    .get(snapshot.node_id)
    .readBlock({ disk: storedDisk(snapshot), index });
  return {
    BlockData: content,
    DataLength: content.length,
    Checksum: Buffer.from(sha256, 'hex').toString('base64'),
    ChecksumAlgorithm: 'SHA256',
  };
}
