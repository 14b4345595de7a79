/**
 * ModifyVolume: the row takes the new shape, and the reconciler grows the layer, live where a machine writes
 * it. The guest then grows its own file system, as on EC2. Unlike EC2 there is no pause between two changes.
 */
import type { ModifyVolumeRequest, ModifyVolumeResult } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidParameterValue, missingParameter, unsupported } from '../../ec2/request-faults.ts';
import { incorrectState } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { findVolume } from './find-volume.ts';
import { type StoredModification, type VolumeRow, volumeCan } from './record.ts';
import { toModification } from './to-modification.ts';
import { checkedShape, shownIops } from './volume-types.ts';

export async function modifyVolume(
  cloud: Cloud,
  input: ModifyVolumeRequest,
  caller: Caller,
): Promise<ModifyVolumeResult> {
  if (input.MultiAttachEnabled === true) {
    throw unsupported('A volume is attached to one instance here; MultiAttachEnabled is not offered');
  }
  if ([input.Size, input.VolumeType, input.Iops, input.Throughput].every((value) => value === undefined)) {
    throw missingParameter('Size, VolumeType, Iops or Throughput');
  }
  await modified(cloud.db.read, cloud, input, caller);
  endDryRun(input);
  const volume = await cloud.db.write(async (tx) => {
    const { before, columns } = await modified(tx, cloud, input, caller);
    await tx.updateTable('volumes').set(columns).where('volume_id', '=', before.volume_id).execute();
    return { ...before, ...columns };
  });
  cloud.wake();
  return { VolumeModification: toModification(volume) };
}

async function modified(
  db: Cloud['db']['read'] | Transaction<Schema>,
  cloud: Cloud,
  input: ModifyVolumeRequest,
  caller: Caller,
) {
  const before = await findVolume(db, caller, input.VolumeId);
  checkModifiable(before);
  const sizeGiB = input.Size ?? before.size_gib;
  if (sizeGiB < before.size_gib) {
    throw invalidParameterValue(
      `New size cannot be smaller than existing size: ${before.volume_id} has ${before.size_gib} GiB, given: ${sizeGiB}`,
    );
  }
  const volumeType = input.VolumeType ?? before.volume_type;
  const kept = volumeType === before.volume_type;
  const performance = checkedShape({
    volumeType,
    sizeGiB,
    iops: input.Iops ?? (kept || isProvisioned(volumeType) ? (before.iops ?? undefined) : undefined),
    throughput: input.Throughput ?? (kept ? (before.throughput ?? undefined) : undefined),
  });
  const after = { ...before, size_gib: sizeGiB, volume_type: volumeType, ...performance };
  const modification: StoredModification = {
    state: 'modifying',
    originalSizeGiB: before.size_gib,
    targetSizeGiB: sizeGiB,
    originalType: before.volume_type,
    targetType: volumeType,
    originalIops: shownIops(before) ?? null,
    targetIops: shownIops(after) ?? null,
    originalThroughput: before.throughput,
    targetThroughput: performance.throughput,
    startedAt: cloud.now().toISOString(),
  };
  const columns = {
    size_gib: sizeGiB,
    volume_type: volumeType,
    ...performance,
    modification: JSON.stringify(modification),
    modifying: 1,
  };
  return { before, columns };
}

function checkModifiable(volume: VolumeRow): void {
  if (volume.modifying === 1) {
    throw new Ec2Fault(
      'IncorrectModificationState',
      `Cannot modify volume ${volume.volume_id}: its last modification is in the state 'modifying'`,
    );
  }
  if (volumeCan(volume, 'modify')) return;
  throw incorrectState(
    `Volume '${volume.volume_id}' is in the '${volume.state}' state; it cannot be modified.`,
  );
}

function isProvisioned(volumeType: string): boolean {
  return volumeType === 'io1' || volumeType === 'io2';
}
