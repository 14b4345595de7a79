import type { ModifyVolumeAttributeRequest } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findVolume } from './find-volume.ts';

/** AutoEnableIO is kept and shown; no volume here is ever taken offline, so there is nothing to enable. */
export async function modifyVolumeAttribute(
  cloud: Cloud,
  input: ModifyVolumeAttributeRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  const value = input.AutoEnableIO?.Value;
  if (value === undefined) throw missingParameter('AutoEnableIO');
  const { volume_id: volumeId } = await findVolume(cloud.db.read, caller, input.VolumeId);
  endDryRun(input);
  await cloud.db.write((tx) =>
    tx
      .updateTable('volumes')
      .set({ auto_enable_io: value ? 1 : 0 })
      .where('volume_id', '=', volumeId)
      .execute(),
  );
  return {};
}
