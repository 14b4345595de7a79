import type { StartInstancesRequest, StartInstancesResult } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import { cannotBe } from '../../ec2/state-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { checkRoomToStart } from './capacity.ts';
import { changeStates, updateInstance } from './change-state.ts';
import { type InstanceRow, instanceCan } from './record.ts';

/** One that runs already, or is about to, stays as it is. */
export async function startInstances(
  cloud: Cloud,
  input: StartInstancesRequest,
  caller: Caller,
): Promise<StartInstancesResult> {
  const nodes = await Promise.all(cloud.nodes.ids.map((id) => cloud.nodes.get(id).facts()));
  const changes = await changeStates(cloud, input, caller, {
    check: (row) => {
      if (!instanceCan(row, 'start')) throw cannotBe('started', row.instance_id);
    },
    apply: async (tx, row) => {
      if (row.state !== 'stopped') return row.state;
      await checkRoot(tx, row);
      await checkRoomToStart(tx, nodes, row);
      await updateInstance(tx, row, {
        state: 'pending',
        launched_at: cloud.now().toISOString(),
        state_reason_code: null,
        state_reason_message: null,
        transition_reason: '',
      });
      return 'pending';
    },
  });
  return { StartingInstances: changes };
}

async function checkRoot(tx: Transaction<Schema>, row: InstanceRow): Promise<void> {
  const root = await tx
    .selectFrom('volumes')
    .select('volume_id')
    .where('instance_id', '=', row.instance_id)
    .where('is_root', '=', 1)
    .executeTakeFirst();
  if (root !== undefined) return;
  throw new Ec2Fault(
    'IncorrectInstanceState',
    `Instance '${row.instance_id}' does not have a volume attached at root (${row.root_device_name})`,
  );
}
