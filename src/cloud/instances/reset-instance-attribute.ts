import type { ResetInstanceAttributeRequest } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue, missingParameter, unsupported } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { updateInstance } from './change-state.ts';
import { findInstance, readInstance } from './find-instance.ts';

/** sourceDestCheck goes back to true. The kernel and ramdisk that EC2 resets too are not part of an instance here. */
export async function resetInstanceAttribute(
  cloud: Cloud,
  input: ResetInstanceAttributeRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  const attribute: string | undefined = input.Attribute;
  if (attribute === undefined) throw missingParameter('Attribute');
  if (attribute === 'kernel' || attribute === 'ramdisk') {
    throw unsupported(`The attribute ${attribute} cannot be reset: images boot their own kernel`);
  }
  if (attribute !== 'sourceDestCheck') {
    throw invalidValue(attribute, 'attribute', 'Allowed: sourceDestCheck.');
  }
  await findInstance(cloud, caller, input.InstanceId);
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const row = await readInstance(tx, caller, input.InstanceId);
    await updateInstance(tx, row, { source_dest_check: 1 });
  });
  return {};
}
