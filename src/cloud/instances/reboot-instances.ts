import type { RebootInstancesRequest } from '@aws-sdk/client-ec2';
import { cannotBe } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { changeStates, updateInstance } from './change-state.ts';
import { instanceCan } from './record.ts';

export async function rebootInstances(
  cloud: Cloud,
  input: RebootInstancesRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  await changeStates(cloud, input, caller, {
    check: (row) => {
      if (!instanceCan(row, 'reboot')) throw cannotBe('rebooted', row.instance_id);
    },
    apply: async (tx, row) => {
      await updateInstance(tx, row, { reboot_wanted: row.reboot_wanted + 1 });
      return row.state;
    },
  });
  return {};
}
