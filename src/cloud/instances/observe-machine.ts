/** A machine can end by itself: its guest shut down, its process was killed. The row then follows. */
import type { Cloud } from '../cloud.ts';
import type { InstanceRow } from './record.ts';

/** Whether the row changed because its machine had ended. */
export async function observeMachine(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  const status = await cloud.nodes.get(instance.node_id).machine({ instanceId: instance.instance_id });
  if (status.state === 'running') return false;
  const byGuest = status.stopReason === 'guest-shutdown';
  const terminates = byGuest && instance.shutdown_behavior === 'terminate';
  const code = byGuest ? 'Client.InstanceInitiatedShutdown' : 'Server.InternalError';
  const detail = byGuest ? 'Instance initiated shutdown' : (status.stopDetail ?? 'The machine is gone');
  await cloud.db.write((tx) =>
    tx
      .updateTable('instances')
      .set({
        state: terminates ? 'shutting-down' : 'stopped',
        state_reason_code: code,
        state_reason_message: `${code}: ${detail}`,
        transition_reason: byGuest ? 'User initiated' : 'Server error',
        public_address: null,
        ports_detail: null,
      })
      .where('instance_id', '=', instance.instance_id)
      .where('state', '=', 'running')
      .execute(),
  );
  return true;
}
