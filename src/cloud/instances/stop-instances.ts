import type { StopInstancesRequest, StopInstancesResult } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../../ec2/faults.ts';
import { cannotBe, instanceProtected } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { byUser, changeStates, updateInstance } from './change-state.ts';
import { instanceCan } from './record.ts';

/** A launch that is under way is finished and then stopped. Force also cuts short an orderly stop under way. */
export async function stopInstances(
  cloud: Cloud,
  input: StopInstancesRequest,
  caller: Caller,
): Promise<StopInstancesResult> {
  if (input.Hibernate === true) {
    throw new Ec2Fault('UnsupportedHibernationConfiguration', 'Hibernation is not offered by this cloud');
  }
  const force = input.Force === true ? { force_stop: 1 } : {};
  const changes = await changeStates(cloud, input, caller, {
    check: (row) => {
      if (!instanceCan(row, 'stop')) throw cannotBe('stopped', row.instance_id);
      if (row.stop_protected === 1) throw instanceProtected(row.instance_id, 'stopped');
    },
    apply: async (tx, row) => {
      if (row.state === 'stopped') return 'stopped';
      const already = row.state === 'stopping';
      await updateInstance(tx, row, {
        state: 'stopping',
        reboot_wanted: 0,
        ...force,
        ...(already ? {} : byUser(cloud)),
      });
      return 'stopping';
    },
  });
  return { StoppingInstances: changes };
}
