/** AttachVolume: to a stopped instance by rows alone, to a running one by the reconciler (drive-attachment.ts). */
import type { AttachVolumeRequest, VolumeAttachment } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { missingParameter, unsupported } from '../../ec2/request-faults.ts';
import { incorrectState, volumeNotAvailable } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { readInstance } from '../instances/find-instance.ts';
import { type InstanceRow, instanceCan } from '../instances/record.ts';
import type { Schema } from '../schema.ts';
import { checkedDevice, checkFree, maxAttachments, place } from './device-name.ts';
import { findVolume } from './find-volume.ts';
import { type VolumeRow, volumeCan } from './record.ts';
import { toAttachment } from './to-volume.ts';

export async function attachVolume(
  cloud: Cloud,
  input: AttachVolumeRequest,
  caller: Caller,
): Promise<VolumeAttachment> {
  const { Device: given } = input;
  if (given === undefined || given === '') throw missingParameter('Device');
  const device = checkedDevice(given);
  await attachable(cloud.db.read, caller, input, device);
  endDryRun(input);
  const attachment = await cloud.db.write(async (tx) => {
    const { volume, instance } = await attachable(tx, caller, input, device);
    const columns = {
      state: 'in-use',
      instance_id: instance.instance_id,
      device_name: device,
      attachment_state: instance.state === 'stopped' ? 'attached' : 'attaching',
      attached_at: cloud.now().toISOString(),
      delete_on_termination: 0,
      is_root: place(device) === place(instance.root_device_name) ? 1 : 0,
    } as const;
    await tx.updateTable('volumes').set(columns).where('volume_id', '=', volume.volume_id).execute();
    return toAttachment({ ...volume, ...columns });
  });
  cloud.wake();
  return attachment;
}

async function attachable(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
  input: AttachVolumeRequest,
  device: string,
): Promise<{ readonly volume: VolumeRow; readonly instance: InstanceRow }> {
  const volume = await findVolume(db, caller, input.VolumeId);
  const instance = await readInstance(db, caller, input.InstanceId);
  if (!instanceCan(instance, 'attach')) {
    throw incorrectState(`Instance '${instance.instance_id}' is not 'running'.`);
  }
  if (volume.instance_id !== null) throw volumeNotAvailable(volume.volume_id);
  if (!volumeCan(volume, 'attach')) {
    throw incorrectState(
      `Volume '${volume.volume_id}' is in the '${volume.state}' state; it must be 'available'.`,
    );
  }
  checkPlace(volume, instance);
  const others = await db
    .selectFrom('volumes')
    .select(['device_name'])
    .where('instance_id', '=', instance.instance_id)
    .execute();
  checkFree(device, others);
  if (others.length >= maxAttachments) {
    throw new Ec2Fault(
      'AttachmentLimitExceeded',
      `${instance.instance_id} has ${others.length} volumes; ${maxAttachments} are the most it can have`,
    );
  }
  return { volume, instance };
}

function checkPlace(volume: VolumeRow, instance: InstanceRow): void {
  if (volume.zone !== instance.zone) {
    throw new Ec2Fault(
      'InvalidVolume.ZoneMismatch',
      `The volume '${volume.volume_id}' is not in the same availability zone as instance '${instance.instance_id}'`,
    );
  }
  if (volume.node_id !== instance.node_id) {
    throw unsupported(
      `The disk of ${volume.volume_id} is on the node ${volume.node_id} and ${instance.instance_id} on ` +
        `${instance.node_id}; volumes do not move between nodes`,
    );
  }
}
