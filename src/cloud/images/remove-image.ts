/** What deregistering an image comes to: the recycle bin where a rule says so, else it is gone at once. */
import type { SnapshotReturnCodes } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import type { Caller } from '../../ec2/types.ts';
import type { SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { binColumns, discardSnapshot } from '../snapshots/discard-snapshot.ts';
import { retainDays } from '../tags/retain-days.ts';
import { rememberImage } from './deregistered-images.ts';
import { deleteImageRows } from './insert-image.ts';
import type { ImageRow } from './record.ts';

/** Its snapshots stay. In the bin they remain in use by it; one that never was available holds nothing to want back. */
export async function removeImage(tx: Transaction<Schema>, cloud: Cloud, image: ImageRow): Promise<void> {
  await rememberImage(tx, cloud, image);
  const days = await retainDays(tx, cloud, image.image_id);
  if (days === 0 || image.state === 'failed' || image.state === 'pending') {
    await deleteImageRows(tx, image.image_id);
    return;
  }
  await tx
    .updateTable('images')
    .set(binColumns(cloud, days))
    .where('image_id', '=', image.image_id)
    .execute();
}

export interface SnapshotOutcome {
  readonly snapshotId: SnapshotId;
  readonly code: SnapshotReturnCodes;
}

/** DeleteAssociatedSnapshots: before the image goes, each of its snapshots that only it stands on. */
export async function discardSnapshotsOf(
  tx: Transaction<Schema>,
  cloud: Cloud,
  caller: Caller,
  image: ImageRow,
): Promise<readonly SnapshotOutcome[]> {
  const snapshots = await tx
    .selectFrom('snapshots')
    .innerJoin('image_snapshots', 'image_snapshots.snapshot_id', 'snapshots.snapshot_id')
    .selectAll('snapshots')
    .where('image_snapshots.image_id', '=', image.image_id)
    .orderBy('snapshots.snapshot_id')
    .execute();
  const outcomes: SnapshotOutcome[] = [];
  for (const snapshot of snapshots) {
    const shared = await tx
      .selectFrom('image_snapshots')
      .select('image_id')
      .where('snapshot_id', '=', snapshot.snapshot_id)
      .where('image_id', '!=', image.image_id)
      .executeTakeFirst();
    const code =
      snapshot.owner_id !== caller.accountId ? 'missing-permissions' : shared ? 'skipped' : 'success';
    if (code === 'success') await discardSnapshot(tx, cloud, snapshot);
    outcomes.push({ snapshotId: snapshot.snapshot_id, code });
  }
  return outcomes;
}
