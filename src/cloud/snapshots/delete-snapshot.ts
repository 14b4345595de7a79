import type { DeleteSnapshotRequest } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { incorrectState, snapshotInUse } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { ImageId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { discardSnapshot } from './discard-snapshot.ts';
import { ownSnapshot } from './find-snapshot.ts';
import { finishSnapshotsOf } from './take-snapshots.ts';

/** Refused while an image stands on it, also one in the recycle bin: deregister first, then delete. */
export async function deleteSnapshot(
  cloud: Cloud,
  input: DeleteSnapshotRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  const found = await ownSnapshot(cloud.db.read, caller, input.SnapshotId);
  await checkUnused(cloud.db.read, found.snapshot_id);
  endDryRun(input);
  // The volume may be writing to the next layer already, which only the finished row says.
  if (found.state === 'pending') await finishSnapshotsOf(cloud, [found.volume_id]);
  await cloud.db.write(async (tx) => {
    const snapshot = await ownSnapshot(tx, caller, input.SnapshotId);
    await checkUnused(tx, snapshot.snapshot_id);
    if (snapshot.next_layer_id !== null) {
      throw incorrectState(
        `The instant of '${snapshot.snapshot_id}' is still being taken; try again in a moment`,
      );
    }
    await discardSnapshot(tx, cloud, snapshot);
  });
  cloud.wake();
  return {};
}

async function checkUnused(
  db: Cloud['db']['read'] | Transaction<Schema>,
  snapshotId: SnapshotId,
): Promise<void> {
  const imageId = await imageOf(db, snapshotId);
  if (imageId !== undefined) throw snapshotInUse(snapshotId, imageId);
}

/** One image that stands on the snapshot. */
export async function imageOf(
  db: Cloud['db']['read'] | Transaction<Schema>,
  snapshotId: SnapshotId,
): Promise<ImageId | undefined> {
  const row = await db
    .selectFrom('image_snapshots')
    .select('image_id')
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  return row?.image_id;
}
