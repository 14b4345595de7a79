import { invalid } from '../../ec2/ebs/faults.ts';
import type { EbsInputOf, EbsOutputOf } from '../../ec2/ebs/types.ts';
import type { Caller } from '../../ec2/types.ts';
import { blockBytes } from '../../node/block-contract.ts';
import type { Cloud } from '../cloud.ts';
import type { SnapshotRow } from '../snapshots/record.ts';
import { bytesPerGiB } from '../volumes/make-layers.ts';
import { hexChecksum } from './checksum.ts';
import { notPending, writtenSnapshot } from './find-snapshot.ts';

/** On disk once it answers. */
export async function putSnapshotBlock(
  cloud: Cloud,
  input: EbsInputOf<'PutSnapshotBlock'>,
  caller: Caller,
): Promise<EbsOutputOf<'PutSnapshotBlock'>> {
  const { BlockIndex: index = 0, BlockData: content, DataLength, Checksum = '' } = input;
  if (DataLength !== blockBytes || content.length !== blockBytes) {
    throw invalid(
      'INVALID_PARAMETER_VALUE',
      `A block has exactly ${blockBytes} bytes; DataLength says ${DataLength}, and ${content.length} were sent.`,
    );
  }
  const sha256 = hexChecksum(Checksum);
  const { snapshot, write } = await writtenSnapshot(cloud, caller, input.SnapshotId);
  if (snapshot.state !== 'pending' || write.changed_blocks !== null) throw notPending(snapshot);
  checkIndex(snapshot, index);
  const { state } = await cloud.nodes
    .get(snapshot.node_id)
    .writeBlock({ layerId: snapshot.layer_id, index, content, sha256 });
  switch (state) {
    case 'written':
      await noteProgress(cloud, snapshot, input.Progress);
      return { Checksum, ChecksumAlgorithm: 'SHA256' };
    case 'damaged':
      throw invalid(
        'INVALID_BLOCK',
        `The SHA-256 of block ${index} is not the one given in Checksum; send the block again.`,
      );
    case 'contended':
      throw invalid(
        'CONFLICTING_BLOCK_UPDATE',
        `Block ${index} of ${snapshot.snapshot_id} is being written by another request.`,
      );
    default:
      return state satisfies never;
  }
}

function checkIndex({ snapshot_id: id, volume_size_gib: sizeGiB }: SnapshotRow, index: number): void {
  const last = (sizeGiB * bytesPerGiB) / blockBytes - 1;
  if (index <= last) return;
  throw invalid('INVALID_BLOCK', `Block ${index} lies outside of ${id}, whose blocks are 0 to ${last}.`);
}

/** As DescribeSnapshots shows it; 100 is said by completing. */
async function noteProgress(
  cloud: Cloud,
  snapshot: SnapshotRow,
  progress: number | undefined,
): Promise<void> {
  const shown = Math.min(progress ?? 0, 99);
  if (shown <= snapshot.progress) return;
  await cloud.db.write((tx) =>
    tx
      .updateTable('snapshots')
      .set({ progress: shown })
      .where('snapshot_id', '=', snapshot.snapshot_id)
      .where('state', '=', 'pending')
      .where('progress', '<', shown)
      .execute(),
  );
}
