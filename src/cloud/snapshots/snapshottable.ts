/** When a volume can have its instant taken, and how calls that meet on one volume or instance take turns. */
import { incorrectState } from '../../ec2/state-faults.ts';
import type { InstanceId, VolumeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { driveInstance } from '../instances/drive-instance.ts';
import { type VolumeRow, volumeCan } from '../volumes/record.ts';

export function checkSnapshottable(volume: VolumeRow): VolumeRow {
  if (volumeCan(volume, 'snapshot')) return volume;
  throw incorrectState(
    `Volume '${volume.volume_id}' is in the '${volume.state}' state; a snapshot is taken of one that is 'available' or 'in-use'`,
  );
}

/** Behind whatever else is being taken of the volume, or of the instance that holds it (CreateImage). */
export async function takingTurns<T>(cloud: Cloud, volumeId: VolumeId, work: () => Promise<T>): Promise<T> {
  const holder = await holderOf(cloud, volumeId);
  return await cloud.queue.run([volumeId, ...(holder === undefined ? [] : [holder])], work);
}

/** A machine that is just starting opens its disks: its volumes have their instant taken when it runs. */
export async function holderAtRest(cloud: Cloud, volumeId: VolumeId): Promise<void> {
  const holder = await holderOf(cloud, volumeId);
  if (holder !== undefined) await startedMachine(cloud, holder);
}

export async function startedMachine(cloud: Cloud, instanceId: InstanceId): Promise<void> {
  const starting = await cloud.db.read
    .selectFrom('instances')
    .select('instance_id')
    .where('instance_id', '=', instanceId)
    .where('state', '=', 'pending')
    .executeTakeFirst();
  if (starting !== undefined) await cloud.flights.run(instanceId, () => driveInstance(cloud, instanceId));
}

async function holderOf(cloud: Cloud, volumeId: VolumeId): Promise<InstanceId | undefined> {
  const volume = await cloud.db.read
    .selectFrom('volumes')
    .select('instance_id')
    .where('volume_id', '=', volumeId)
    .executeTakeFirst();
  return volume?.instance_id ?? undefined;
}
