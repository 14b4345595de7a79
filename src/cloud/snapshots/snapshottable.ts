/** When a volume can have its instant taken, and how calls that meet on one volume or instance take turns. */
import { incorrectState } from '../../ec2/state-faults.ts';
import type { InstanceId, VolumeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { driveInstance } from '../instances/drive-instance.ts';
import { driveVolume } from '../volumes/drive-volume.ts';
import { type VolumeRow, volumeCan } from '../volumes/record.ts';
import { finishSnapshotsOf } from './take-snapshots.ts';

export function checkSnapshottable(volume: VolumeRow): VolumeRow {
  if (volumeCan(volume, 'snapshot')) return volume;
  throw incorrectState(
    `Volume '${volume.volume_id}' is in the '${volume.state}' state; a snapshot is taken of one that is 'available' or 'in-use'`,
  );
}

/** Behind whatever else is being taken of the volume, or of the instance that holds it (CreateImage). */
export async function takingTurns<T>(cloud: Cloud, volumeId: VolumeId, work: () => Promise<T>): Promise<T> {
  const [volume] = await read(cloud, [volumeId]);
  const holder = volume?.instance_id ?? undefined;
  return await cloud.queue.run([volumeId, ...(holder === undefined ? [] : [holder])], work);
}

/**
 * Brings the volumes to rest, as far as that takes no person: a machine that is starting has started, a volume
 * that is attaching is attached, and an instant that was left half-way is taken.
 */
export async function bringToRest(cloud: Cloud, volumeIds: readonly VolumeId[]): Promise<void> {
  await finishSnapshotsOf(cloud, volumeIds);
  const volumes = await read(cloud, volumeIds);
  const holders = new Set(volumes.map((volume) => volume.instance_id).filter((id) => id !== null));
  for (const holder of holders) await started(cloud, holder);
  for (const volume of await read(cloud, volumeIds)) {
    if (volume.attachment_state !== 'attaching' && volume.attachment_state !== 'detaching') continue;
    await cloud.flights.run(volume.volume_id, () => driveVolume(cloud, volume.volume_id));
  }
}

async function started(cloud: Cloud, instanceId: InstanceId): Promise<void> {
  const starting = await cloud.db.read
    .selectFrom('instances')
    .select('instance_id')
    .where('instance_id', '=', instanceId)
    .where('state', '=', 'pending')
    .executeTakeFirst();
  if (starting !== undefined) await cloud.flights.run(instanceId, () => driveInstance(cloud, instanceId));
}

async function read(cloud: Cloud, volumeIds: readonly VolumeId[]) {
  if (volumeIds.length === 0) return [];
  return await cloud.db.read
    .selectFrom('volumes')
    .select(['volume_id', 'instance_id', 'attachment_state'])
    .where('volume_id', 'in', volumeIds)
    .execute();
}
