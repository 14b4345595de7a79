/** DetachVolume: from a stopped instance by rows alone, from a running one when its guest has let go. */
import type { DetachVolumeRequest, VolumeAttachment } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { operationNotPermitted } from '../../ec2/request-faults.ts';
import { incorrectState } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { readInstance } from '../instances/find-instance.ts';
import { type InstanceRow, instanceCan } from '../instances/record.ts';
import type { Schema } from '../schema.ts';
import { detached } from './detached.ts';
import { findVolume } from './find-volume.ts';
import type { VolumeRow } from './record.ts';
import { toAttachment } from './to-volume.ts';

/** Again on one that is detaching asks again, and with Force no longer waits for the guest. */
export async function detachVolume(
  cloud: Cloud,
  input: DetachVolumeRequest,
  caller: Caller,
): Promise<VolumeAttachment> {
  await detachable(cloud.db.read, caller, input);
  endDryRun(input);
  const attachment = await cloud.db.write(async (tx) => {
    const { volume, instance } = await detachable(tx, caller, input);
    const atRest = instance.state === 'stopped';
    const wanted = {
      attachment_state: 'detaching',
      force_detach: input.Force === true ? 1 : volume.force_detach,
      detach_asked_at: null,
    } as const;
    await tx
      .updateTable('volumes')
      .set(atRest ? detached : wanted)
      .where('volume_id', '=', volume.volume_id)
      .execute();
    return { ...toAttachment(volume), State: atRest ? ('detached' as const) : ('detaching' as const) };
  });
  cloud.wake();
  return attachment;
}

async function detachable(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
  input: DetachVolumeRequest,
): Promise<{ readonly volume: VolumeRow; readonly instance: InstanceRow }> {
  const volume = await findVolume(db, caller, input.VolumeId);
  if (volume.instance_id === null) {
    throw incorrectState(`Volume '${volume.volume_id}' is in the '${volume.state}' state.`);
  }
  const elsewhere =
    (input.InstanceId !== undefined && input.InstanceId !== volume.instance_id) ||
    (input.Device !== undefined && input.Device !== volume.device_name);
  if (elsewhere) {
    throw new Ec2Fault(
      'InvalidAttachment.NotFound',
      `The volume '${volume.volume_id}' is attached to '${volume.instance_id}' as ${volume.device_name}, not as the request says`,
    );
  }
  const instance = await readInstance(db, caller, volume.instance_id);
  if (!instanceCan(instance, 'detach')) {
    throw incorrectState(
      `Instance '${instance.instance_id}' is ${instance.state}; volumes are detached when it is running, stopping or stopped.`,
    );
  }
  if (volume.is_root === 1 && instance.state !== 'stopped') {
    throw operationNotPermitted(
      `Unable to detach root volume '${volume.volume_id}' from instance '${instance.instance_id}': stop it first.`,
    );
  }
  return { volume, instance };
}
