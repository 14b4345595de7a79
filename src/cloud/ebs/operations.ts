/** EBS direct's operations, one line each. */
import type { EbsOperations } from '../../ec2/ebs/types.ts';
import type { Cloud } from '../cloud.ts';
import { completeSnapshot } from './complete-snapshot.ts';
import { getSnapshotBlock } from './get-snapshot-block.ts';
import { listChangedBlocks } from './list-changed-blocks.ts';
import { listSnapshotBlocks } from './list-snapshot-blocks.ts';
import { putSnapshotBlock } from './put-snapshot-block.ts';
import { startSnapshot } from './start-snapshot.ts';

export function bindEbsOperations(cloud: Cloud): EbsOperations {
  return {
    StartSnapshot: (input, caller) => startSnapshot(cloud, input, caller),
    PutSnapshotBlock: (input, caller) => putSnapshotBlock(cloud, input, caller),
    CompleteSnapshot: (input, caller) => completeSnapshot(cloud, input, caller),
    ListSnapshotBlocks: (input, caller) => listSnapshotBlocks(cloud, input, caller),
    ListChangedBlocks: (input, caller) => listChangedBlocks(cloud, input, caller),
    GetSnapshotBlock: (input, caller) => getSnapshotBlock(cloud, input, caller),
  };
}
