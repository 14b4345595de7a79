/** The reconciling pass over instances: those whose row and machine are not at rest are driven on. */
import type { MachineStatus } from '../../node/contract.ts';
import type { InstanceId, NodeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { drive } from '../reconcile.ts';
import { driveInstance } from './drive-instance.ts';
import type { InstanceRow } from './record.ts';

type Restless = Pick<
  InstanceRow,
  | 'instance_id'
  | 'state'
  | 'node_id'
  | 'reboot_wanted'
  | 'ports_wanted'
  | 'public_address'
  | 'fetched_layer_id'
>;

/** Rows first, machines after: a machine that a row calls running must be in a list made later. */
export async function driveInstances(cloud: Cloud): Promise<void> {
  const restless = await cloud.db.read
    .selectFrom('instances')
    .select([
      'instance_id',
      'state',
      'node_id',
      'reboot_wanted',
      'ports_wanted',
      'public_address',
      'fetched_layer_id',
    ])
    .where('state', 'in', ['pending', 'running', 'stopping', 'shutting-down'])
    .where('captured_by', 'is', null)
    .execute();
  // A node that does not answer holds up only its own.
  const passes = [...Map.groupBy(restless, (row) => row.node_id)].map(([nodeId, rows]) =>
    driveOn(cloud, nodeId, rows),
  );
  const failed = (await Promise.allSettled(passes)).find((pass) => pass.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function driveOn(cloud: Cloud, nodeId: NodeId, rows: readonly Restless[]): Promise<void> {
  const machines = await cloud.nodes.get(nodeId).listMachines();
  const known = new Map(machines.map((machine) => [machine.instanceId, machine]));
  for (const row of rows) {
    if (!atRest(row, known)) drive(cloud, row.instance_id, () => driveInstance(cloud, row.instance_id));
  }
}

function atRest(row: Restless, machines: ReadonlyMap<InstanceId, MachineStatus>): boolean {
  const machine = machines.get(row.instance_id);
  return (
    row.state === 'running' &&
    machine?.state === 'running' &&
    (machine.publicAddress ?? null) === row.public_address &&
    row.reboot_wanted === 0 &&
    row.ports_wanted === 0 &&
    row.fetched_layer_id === null
  );
}
