/** The reconciling pass over instances: those whose row and machine are not at rest are driven on. */
import type { Cloud } from '../cloud.ts';
import { drive } from '../reconcile.ts';
import { driveInstance } from './drive-instance.ts';

/** Rows first, machines after: a machine that a row calls running must be in a list made later. */
export async function driveInstances(cloud: Cloud): Promise<void> {
  const restless = await cloud.db.read
    .selectFrom('instances')
    .select(['instance_id', 'state', 'node_id', 'reboot_wanted', 'ports_wanted'])
    .where('state', 'in', ['pending', 'running', 'stopping', 'shutting-down'])
    .where('captured_by', 'is', null)
    .execute();
  for (const nodeId of cloud.nodes.ids) {
    const rows = restless.filter((row) => row.node_id === nodeId);
    if (rows.length === 0) continue;
    const machines = await cloud.nodes.get(nodeId).listMachines();
    const running = new Set(machines.filter((m) => m.state === 'running').map((m) => m.instanceId));
    for (const row of rows) {
      const atRest = row.state === 'running' && running.has(row.instance_id);
      if (atRest && row.reboot_wanted === 0 && row.ports_wanted === 0) continue;
      drive(cloud, row.instance_id, () => driveInstance(cloud, row.instance_id));
    }
  }
}
