/** What a running instance needs: its row follows its machine, a restart that was asked for, ports that changed. */
import { type MachineStatus, NodeError } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import { wantedPorts } from '../network/wanted-ports.ts';
import type { InstanceRow } from './record.ts';
import { runningColumns, settle, settleStopped } from './settle-instance.ts';

const upAfterMs = 300_000;

export async function keepRunning(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  const status = await cloud.nodes.get(instance.node_id).machine({ instanceId: instance.instance_id });
  if (status.state !== 'running') {
    await hasEnded(cloud, instance, status);
    return true;
  }
  if ((status.publicAddress ?? null) !== instance.public_address) {
    await settle(cloud, instance, 'running', runningColumns(status));
    return true;
  }
  return (
    (await restart(cloud, instance)) ||
    (await openPorts(cloud, instance)) ||
    (await tellBoot(cloud, instance, status))
  );
}

/** Of a machine whose disk came from the vault: what its boot touched is fetched first the next time. */
async function tellBoot(cloud: Cloud, instance: InstanceRow, status: MachineStatus): Promise<boolean> {
  const { fetched_layer_id: layerId, image_id: imageId } = instance;
  if (layerId === null) return false;
  // Without an agent nobody says that it is up.
  const runsForMs = cloud.now().getTime() - Date.parse(instance.launched_at);
  if (status.agent !== 'answering' && runsForMs < upAfterMs) return false;
  await cloud.nodes.get(instance.node_id).recordBoot({ layerId, imageId });
  await cloud.db.write((tx) =>
    tx
      .updateTable('instances')
      .set({ fetched_layer_id: null })
      .where('instance_id', '=', instance.instance_id)
      .where('fetched_layer_id', '=', layerId)
      .execute(),
  );
  return true;
}

/** A machine can end by itself: its guest shut down, its process was killed. */
async function hasEnded(cloud: Cloud, instance: InstanceRow, status: MachineStatus): Promise<void> {
  const byGuest = status.stopReason === 'guest-shutdown';
  const code = byGuest ? 'Client.InstanceInitiatedShutdown' : 'Server.InternalError';
  const detail = byGuest ? 'Instance initiated shutdown' : (status.stopDetail ?? 'The machine is gone');
  const columns = {
    state_reason_code: code,
    state_reason_message: `${code}: ${detail}`,
    transition_reason: byGuest ? 'User initiated' : code,
    public_address: null,
    ports_detail: null,
  };
  const terminates = byGuest && instance.shutdown_behavior === 'terminate';
  if (terminates) await settle(cloud, instance, 'shutting-down', columns);
  else await settleStopped(cloud, instance, columns);
}

/** Asked for once, done once: a restart that fails is logged and not repeated, or it might never end. */
async function restart(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  if (instance.reboot_wanted === 0) return false;
  const { instance_id: instanceId, node_id: nodeId } = instance;
  try {
    await cloud.nodes.get(nodeId).rebootMachine({ instanceId, deadlineMs: cloud.config.stopDeadlineMs });
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    cloud.log.warn({ err: error, instanceId }, 'an instance could not be rebooted');
  }
  await done(cloud, instance, 'reboot_wanted', {});
  return true;
}

async function openPorts(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  if (instance.ports_wanted === 0) return false;
  const { instance_id: instanceId, node_id: nodeId } = instance;
  const status = await cloud.nodes
    .get(nodeId)
    .setPorts({ instanceId, ports: await wantedPorts(cloud, instance) });
  if (status.state === 'running') await done(cloud, instance, 'ports_wanted', runningColumns(status));
  return true;
}

/** The number says which request was done, so that one which came meanwhile is not lost. */
async function done(
  cloud: Cloud,
  instance: InstanceRow,
  wanted: 'reboot_wanted' | 'ports_wanted',
  columns: Partial<InstanceRow>,
): Promise<void> {
  await cloud.db.write((tx) =>
    tx
      .updateTable('instances')
      .set({ ...columns, [wanted]: 0 })
      .where('instance_id', '=', instance.instance_id)
      .where('state', '=', 'running')
      .where(wanted, '=', instance[wanted])
      .execute(),
  );
}
