import { EbsFault, invalid } from '../../ec2/ebs/faults.ts';
import type { EbsInputOf, EbsOutputOf } from '../../ec2/ebs/types.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { hexChecksum } from './checksum.ts';
import { notPending, writtenSnapshot } from './find-snapshot.ts';
import { finishBlockWrite } from './finish-block-writes.ts';

/** What was asked for is written down first: a server that ends in between finishes it at the next start. */
export async function completeSnapshot(
  cloud: Cloud,
  input: EbsInputOf<'CompleteSnapshot'>,
  caller: Caller,
): Promise<EbsOutputOf<'CompleteSnapshot'>> {
  const { ChangedBlocksCount: blocks = 0, Checksum } = input;
  const checksum = Checksum === undefined ? null : hexChecksum(Checksum);
  const { snapshot, write } = await writtenSnapshot(cloud, caller, input.SnapshotId);
  const id = snapshot.snapshot_id;
  // Its first answer may have been lost.
  const again = snapshot.state === 'completed' && write.changed_blocks === blocks;
  if (snapshot.state !== 'pending' && !again) throw notPending(snapshot);
  if (again) return { Status: 'completed' };

  await cloud.db.write((tx) =>
    tx
      .updateTable('block_writes')
      .set({ changed_blocks: blocks, checksum })
      .where('snapshot_id', '=', id)
      .execute(),
  );
  const outcome = await finishBlockWrite(cloud, id);
  switch (outcome.state) {
    case 'gone':
      throw new EbsFault('ConflictException', `The snapshot '${id}' was deleted while it was completed.`);
    case 'completed':
    case 'pending':
      return { Status: outcome.state };
    case 'mismatch':
      throw invalid(
        'INVALID_PARAMETER_VALUE',
        outcome.blocks === blocks
          ? `The checksum of the ${blocks} blocks of '${id}' is another than the one given.`
          : `${outcome.blocks} blocks were put into '${id}', not ${blocks}: put the missing ones or give the right number.`,
      );
    default:
      return outcome satisfies never;
  }
}
