/** The row of a snapshot about to be taken: it names the layer that it will hold before the node is asked. */
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import { notFound } from '../../ec2/resource-faults.ts';
import { incorrectState } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import { newId, type SnapshotId, type VolumeId } from '../../platform/ids.ts';
import type { Schema } from '../schema.ts';
import { type CheckedTag, insertTags } from '../tags/tag-specifications.ts';

export interface NewSnapshot {
  readonly snapshotId: SnapshotId;
  readonly volumeId: VolumeId;
  readonly description: string;
  readonly startedAt: string;
  /** Of CreateSnapshot(s); the snapshots of an image are found by their image. */
  readonly instantId?: SnapshotId;
  readonly tags: readonly CheckedTag[];
}

/** Refuses a volume whose last instant is still being taken: two layers cannot follow one. */
export async function insertPendingSnapshot(
  tx: Transaction<Schema>,
  caller: Caller,
  snapshot: NewSnapshot,
): Promise<void> {
  const volume = await tx
    .selectFrom('volumes')
    .select(['layer_id', 'size_gib', 'node_id'])
    .where('volume_id', '=', snapshot.volumeId)
    .executeTakeFirst();
  if (volume === undefined) throw notFound('volume', snapshot.volumeId);
  await checkAtRest(tx, snapshot.volumeId);
  const underWay = await tx
    .selectFrom('snapshots')
    .select('snapshot_id')
    .where('volume_id', '=', snapshot.volumeId)
    .where('next_layer_id', 'is not', null)
    .executeTakeFirst();
  if (underWay !== undefined) {
    throw new Ec2Fault(
      'SnapshotCreationPerVolumeRateExceeded',
      `${underWay.snapshot_id} of ${snapshot.volumeId} is still being taken; wait until it is complete`,
    );
  }
  await tx
    .insertInto('snapshots')
    .values({
      snapshot_id: snapshot.snapshotId,
      region: caller.region,
      owner_id: caller.accountId,
      volume_id: snapshot.volumeId,
      volume_size_gib: volume.size_gib,
      state: 'pending',
      progress: 0,
      started_at: snapshot.startedAt,
      description: snapshot.description,
      layer_id: volume.layer_id,
      node_id: volume.node_id,
      next_layer_id: newId('layer'),
      instant_id: snapshot.instantId ?? null,
    })
    .execute();
  await insertTags(
    tx,
    { id: snapshot.snapshotId, type: 'snapshot', region: caller.region, ownerId: caller.accountId },
    snapshot.tags,
  );
}

/** The node was told the layer that would be frozen under it, or may just be letting go of the volume. */
async function checkAtRest(tx: Transaction<Schema>, volumeId: VolumeId): Promise<void> {
  const holder = await tx
    .selectFrom('volumes')
    .innerJoin('instances', 'instances.instance_id', 'volumes.instance_id')
    .select(['instances.instance_id', 'instances.state', 'volumes.attachment_state'])
    .where('volumes.volume_id', '=', volumeId)
    .executeTakeFirst();
  if (holder === undefined || holder.state === 'stopped') return;
  const moving = holder.state !== 'pending' && holder.attachment_state !== 'attached';
  if (holder.state !== 'pending' && !moving) return;
  const what = moving
    ? `${volumeId} is '${holder.attachment_state}'; wait until that is done`
    : `${volumeId} belongs to ${holder.instance_id}, which is 'pending'; wait until it is 'running'`;
  throw incorrectState(what);
}
