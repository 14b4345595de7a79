import type { CopySnapshotRequest, CopySnapshotResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import { newId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { requestedTags } from '../tags/tag-specifications.ts';
import { insertCopiedSnapshot } from './copied-snapshot.ts';
import { checkCompletionMinutes, checkCopy, checkedSourceRegion } from './copy-request.ts';
import { checkCompleted, findSnapshot } from './find-snapshot.ts';
import { checkedDescription } from './snapshot-request.ts';

/** Called in the region of the copy. Without a description the copy has none, as on EC2. */
export async function copySnapshot(
  cloud: Cloud,
  input: CopySnapshotRequest,
  caller: Caller,
): Promise<CopySnapshotResult> {
  const from = { accountId: caller.accountId, region: checkedSourceRegion(cloud, input.SourceRegion) };
  checkCopy(input);
  checkCompletionMinutes(input.CompletionDurationMinutes, 'completionDurationMinutes');
  const description = checkedDescription(input.Description);
  const tags = requestedTags(input.TagSpecifications, ['snapshot']).get('snapshot') ?? [];
  checkCompleted(await findSnapshot(cloud.db.read, from, input.SourceSnapshotId));
  endDryRun(input);

  const snapshotId = newId('snap');
  await cloud.db.write(async (tx) => {
    const source = await findSnapshot(tx, from, input.SourceSnapshotId);
    checkCompleted(source);
    await insertCopiedSnapshot(tx, caller, source, { snapshotId, description, now: cloud.now(), tags });
  });
  cloud.wake();
  return { SnapshotId: snapshotId, Tags: [...tags] };
}
