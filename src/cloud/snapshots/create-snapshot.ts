import type { CreateSnapshotRequest, Snapshot } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import type { Caller } from '../../ec2/types.ts';
import { newId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { requestedTags } from '../tags/tag-specifications.ts';
import { findVolume } from '../volumes/find-volume.ts';
import { insertPendingSnapshot } from './insert-snapshot.ts';
import { checkedDescription, checkPlace } from './snapshot-request.ts';
import { bringToRest, checkSnapshottable, takingTurns } from './snapshottable.ts';
import { takeSnapshotsNow } from './take-snapshots.ts';
import { readSnapshots, toSnapshots } from './to-snapshot.ts';

/** The instant is taken before the answer: a write before the call is in it, a write after the answer is not. */
export async function createSnapshot(
  cloud: Cloud,
  input: CreateSnapshotRequest,
  caller: Caller,
): Promise<Snapshot> {
  checkPlace(input);
  const description = checkedDescription(input.Description);
  const tags = requestedTags(input.TagSpecifications, ['snapshot']).get('snapshot') ?? [];
  const { volume_id: volumeId } = checkSnapshottable(await findVolume(cloud.db.read, caller, input.VolumeId));
  endDryRun(input);

  return await takingTurns(cloud, volumeId, async () => {
    await bringToRest(cloud, [volumeId]);
    const snapshotId = newId('snap');
    await cloud.db.write(async (tx) => {
      checkSnapshottable(await findVolume(tx, caller, volumeId));
      await insertPendingSnapshot(tx, caller, {
        snapshotId,
        volumeId,
        description,
        startedAt: cloud.now().toISOString(),
        instantId: snapshotId,
        tags,
      });
    });
    await takeSnapshotsNow(cloud, snapshotId);
    const [snapshot] = await toSnapshots(cloud, caller, await readSnapshots(cloud, [snapshotId]));
    if (snapshot === undefined) throw new Error(`${snapshotId} was made and is gone`);
    return snapshot;
  });
}
