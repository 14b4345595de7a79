/** Brings one instance from the state its row asks for to the state where it rests. */
import type { MachineStatus, NodeErrorKind } from '../../node/contract.ts';
import { NodeError } from '../../node/contract.ts';
import type { InstanceId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { wantedPorts } from '../network/wanted-ports.ts';
import { makeLayer } from '../volumes/make-layers.ts';
import { machineSpec, volumesOf } from './machine-spec.ts';
import { observeMachine } from './observe-machine.ts';
import type { InstanceRow, InstanceState } from './record.ts';

/** Goes on until a step changes nothing: what a request wrote meanwhile is done too. */
export async function driveInstance(cloud: Cloud, instanceId: InstanceId): Promise<void> {
  for (;;) {
    const instance = await readInstance(cloud, instanceId);
    if (instance === undefined || instance.captured_by !== null) return;
    if (!(await step(cloud, instance))) return;
  }
}

async function step(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  switch (instance.state) {
    case 'pending':
      return await start(cloud, instance);
    case 'running':
      return (
        (await restart(cloud, instance)) ||
        (await openPorts(cloud, instance)) ||
        observeMachine(cloud, instance)
      );
    case 'stopping':
      return await stop(cloud, instance);
    case 'shutting-down':
      return await terminate(cloud, instance);
    case 'stopped':
    case 'terminated':
      return false;
    default:
      return instance.state satisfies never;
  }
}

async function start(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  const node = cloud.nodes.get(instance.node_id);
  try {
    for (const volume of await volumesOf(cloud, instance.instance_id)) await makeLayer(cloud, volume);
    const volumes = await volumesOf(cloud, instance.instance_id);
    const status = await node.startMachine(await machineSpec(cloud, instance, volumes));
    await settle(cloud, instance, 'running', { ...runningColumns(status), ports_wanted: 0 });
    await markAttached(cloud, instance.instance_id);
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    await startFailed(cloud, instance, error);
  }
  return true;
}

/** A launch that cannot succeed ends as EC2's does: terminated with the reason; a stopped instance stays. */
async function startFailed(cloud: Cloud, instance: InstanceRow, error: NodeError): Promise<void> {
  cloud.log.warn({ err: error, instanceId: instance.instance_id }, 'an instance could not be started');
  const volumes = await volumesOf(cloud, instance.instance_id);
  const neverRan = volumes.every((volume) => volume.attachment_state === 'attaching');
  const to: InstanceState = neverRan ? 'shutting-down' : 'stopped';
  await settle(cloud, instance, to, {
    state_reason_code: reasonCodes[error.kind] ?? 'Server.InternalError',
    state_reason_message: `${reasonCodes[error.kind] ?? 'Server.InternalError'}: ${error.message}`,
    public_address: null,
  });
}

const reasonCodes: Partial<Record<NodeErrorKind, string>> = {
  'no-capacity': 'Server.InsufficientInstanceCapacity',
  'disk-full': 'Client.VolumeLimitExceeded',
};

async function restart(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  if (instance.reboot_wanted === 0) return false;
  const deadlineMs = cloud.config.stopDeadlineMs;
  await cloud.nodes.get(instance.node_id).rebootMachine({ instanceId: instance.instance_id, deadlineMs });
  await update(cloud, instance, { reboot_wanted: 0 });
  return true;
}

async function openPorts(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  if (instance.ports_wanted === 0) return false;
  const ports = await wantedPorts(cloud, instance);
  const status = await cloud.nodes
    .get(instance.node_id)
    .setPorts({ instanceId: instance.instance_id, ports });
  // The number says which change was applied, so one that came meanwhile is not lost.
  await cloud.db.write((tx) =>
    tx
      .updateTable('instances')
      .set({ ports_wanted: 0, ports_detail: portsDetail(status) })
      .where('instance_id', '=', instance.instance_id)
      .where('ports_wanted', '=', instance.ports_wanted)
      .execute(),
  );
  return true;
}

async function stop(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  await cloud.nodes.get(instance.node_id).stopMachine({
    instanceId: instance.instance_id,
    deadlineMs: cloud.config.stopDeadlineMs,
    force: instance.force_stop === 1,
  });
  await settle(cloud, instance, 'stopped', { public_address: null, ports_detail: null, force_stop: 0 });
  return true;
}

async function terminate(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  await cloud.nodes.get(instance.node_id).removeMachine({ instanceId: instance.instance_id });
  await cloud.db.write(async (tx) => {
    const mine = tx.selectFrom('volumes').select('volume_id').where('instance_id', '=', instance.instance_id);
    const doomed = (await mine.where('delete_on_termination', '=', 1).execute()).map((row) => row.volume_id);
    if (doomed.length > 0) {
      await tx.deleteFrom('tags').where('resource_id', 'in', doomed).execute();
      await tx.deleteFrom('volumes').where('volume_id', 'in', doomed).execute();
    }
    await tx
      .updateTable('volumes')
      .set({
        state: 'available',
        instance_id: null,
        device_name: null,
        attachment_state: null,
        attached_at: null,
      })
      .where('instance_id', '=', instance.instance_id)
      .execute();
    await tx
      .updateTable('instances')
      .set({ state: 'terminated', public_address: null, terminated_at: cloud.now().toISOString() })
      .where('instance_id', '=', instance.instance_id)
      .execute();
  });
  cloud.wake();
  return true;
}

async function markAttached(cloud: Cloud, instanceId: InstanceId): Promise<void> {
  await cloud.db.write((tx) =>
    tx
      .updateTable('volumes')
      .set({ attachment_state: 'attached' })
      .where('instance_id', '=', instanceId)
      .where('attachment_state', '=', 'attaching')
      .execute(),
  );
}

export function runningColumns(status: MachineStatus): Partial<InstanceRow> {
  return { public_address: status.publicAddress ?? null, ports_detail: portsDetail(status) };
}

function portsDetail(status: MachineStatus): string | null {
  const { mappedPorts = [], closedPorts = [] } = status;
  return mappedPorts.length + closedPorts.length === 0 ? null : JSON.stringify({ mappedPorts, closedPorts });
}

/** Moves on only from the state that was read: a request that came meanwhile has the last word. */
async function settle(
  cloud: Cloud,
  instance: InstanceRow,
  state: InstanceState,
  columns: Partial<InstanceRow>,
): Promise<void> {
  await cloud.db.write((tx) =>
    tx
      .updateTable('instances')
      .set({ ...columns, state })
      .where('instance_id', '=', instance.instance_id)
      .where('state', '=', instance.state)
      .execute(),
  );
}

async function update(cloud: Cloud, instance: InstanceRow, columns: Partial<InstanceRow>): Promise<void> {
  await cloud.db.write((tx) =>
    tx.updateTable('instances').set(columns).where('instance_id', '=', instance.instance_id).execute(),
  );
}

async function readInstance(cloud: Cloud, instanceId: InstanceId): Promise<InstanceRow | undefined> {
  return await cloud.db.read
    .selectFrom('instances')
    .selectAll()
    .where('instance_id', '=', instanceId)
    .executeTakeFirst();
}
