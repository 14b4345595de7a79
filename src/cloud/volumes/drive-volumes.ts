/** The reconciling pass over volumes: those that are not at rest are driven on. */
import type { Cloud } from '../cloud.ts';
import { drive } from '../reconcile.ts';
import { driveVolume } from './drive-volume.ts';

export async function driveVolumes(cloud: Cloud): Promise<void> {
  const restless = await cloud.db.read
    .selectFrom('volumes')
    .select('volume_id')
    .where((eb) =>
      eb.or([
        eb('state', 'in', ['creating', 'deleting']),
        eb('attachment_state', 'in', ['attaching', 'detaching', 'busy']),
        eb('modifying', '=', 1),
      ]),
    )
    .execute();
  for (const { volume_id: volumeId } of restless) drive(cloud, volumeId, () => driveVolume(cloud, volumeId));
}
