import type { DeleteVolumeRequest } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { incorrectState, volumeAttached } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findVolume } from './find-volume.ts';
import { type VolumeRow, volumeCan } from './record.ts';

/** Again on one that is being deleted is no error; once it is gone it is not found, as in EC2. */
export async function deleteVolume(
  cloud: Cloud,
  input: DeleteVolumeRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  checkDeletable(await findVolume(cloud.db.read, caller, input.VolumeId));
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const volume = await findVolume(tx, caller, input.VolumeId);
    checkDeletable(volume);
    await tx
      .updateTable('volumes')
      .set({ state: 'deleting' })
      .where('volume_id', '=', volume.volume_id)
      .execute();
  });
  cloud.wake();
  return {};
}

function checkDeletable(volume: VolumeRow): void {
  if (volume.instance_id !== null) throw volumeAttached(volume.volume_id, volume.instance_id);
  if (volume.state === 'deleting' || volumeCan(volume, 'delete')) return;
  throw incorrectState(
    `The volume '${volume.volume_id}' is in the '${volume.state}' state; wait until it is available`,
  );
}
