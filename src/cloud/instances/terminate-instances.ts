import type { TerminateInstancesRequest, TerminateInstancesResult } from '@aws-sdk/client-ec2';
import { instanceProtected } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { byUser, changeStates, updateInstance } from './change-state.ts';
import { isLive } from './record.ts';

/** In any state: a launch under way, a stop under way; again on one that is terminated changes nothing. */
export async function terminateInstances(
  cloud: Cloud,
  input: TerminateInstancesRequest,
  caller: Caller,
): Promise<TerminateInstancesResult> {
  const changes = await changeStates(cloud, input, caller, {
    check: (row) => {
      if (row.termination_protected === 1 && isLive(row)) {
        throw instanceProtected(row.instance_id, 'terminated');
      }
    },
    apply: async (tx, row) => {
      if (!isLive(row)) return row.state;
      await updateInstance(tx, row, { state: 'shutting-down', ...byUser(cloud) });
      return 'shutting-down';
    },
  });
  return { TerminatingInstances: changes };
}
