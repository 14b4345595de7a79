/** From 'pending' to 'running', or back with the reason. */
import { NodeError } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import { makeLayer } from '../volumes/make-layers.ts';
import { instantPending } from '../volumes/pending-instant.ts';
import type { VolumeRow } from '../volumes/record.ts';
import { machineSpec, volumesOf } from './machine-spec.ts';
import type { InstanceRow } from './record.ts';
import { byNodeError, runningColumns, settle, settleStopped } from './settle-instance.ts';

export async function start(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  const before = await volumesOf(cloud, instance.instance_id);
  if (await instantPending(cloud, idsOf(before))) return false;
  let volumes = before;
  try {
    for (const volume of before) await makeLayer(cloud, volume);
    volumes = await volumesOf(cloud, instance.instance_id);
    const spec = await machineSpec(cloud, instance, volumes);
    const status = await cloud.nodes.get(instance.node_id).startMachine(spec);
    await settleRunning(cloud, instance, volumes, runningColumns(status));
  } catch (error) {
    // A layer that a snapshot froze in between is no failure of the start: the next attempt names the next one.
    if (!(error instanceof NodeError) || (await movedOn(cloud, volumes))) throw error;
    cloud.log.warn({ err: error, instanceId: instance.instance_id }, 'an instance could not be started');
    await startFailed(cloud, instance, volumes, error);
  }
  return true;
}

/** The volumes that the machine started with are attached, whatever the instance is wanted to do by now. */
async function settleRunning(
  cloud: Cloud,
  instance: InstanceRow,
  volumes: readonly VolumeRow[],
  columns: Partial<InstanceRow>,
): Promise<void> {
  await cloud.db.write(async (tx) => {
    await tx
      .updateTable('instances')
      .set({ ...columns, state: 'running' })
      .where('instance_id', '=', instance.instance_id)
      .where('state', '=', 'pending')
      .execute();
    await tx
      .updateTable('volumes')
      .set({ attachment_state: 'attached' })
      .where('volume_id', 'in', idsOf(volumes))
      .where('instance_id', '=', instance.instance_id)
      .where('attachment_state', '=', 'attaching')
      .execute();
  });
}

/** A launch that cannot succeed ends as EC2's does: terminated with the reason. One that ran before is stopped. */
async function startFailed(
  cloud: Cloud,
  instance: InstanceRow,
  volumes: readonly VolumeRow[],
  error: NodeError,
): Promise<void> {
  const neverRan = volumes.every((volume) => volume.attachment_state === 'attaching');
  const columns = { ...byNodeError(error), public_address: null };
  if (neverRan) await settle(cloud, instance, 'shutting-down', columns);
  else await settleStopped(cloud, instance, columns);
}

async function movedOn(cloud: Cloud, volumes: readonly VolumeRow[]): Promise<boolean> {
  if (volumes.length === 0) return false;
  if (await instantPending(cloud, idsOf(volumes))) return true;
  const now = await cloud.db.read
    .selectFrom('volumes')
    .select(['volume_id', 'layer_id'])
    .where('volume_id', 'in', idsOf(volumes))
    .execute();
  const layers = new Map(now.map((row) => [row.volume_id, row.layer_id]));
  return volumes.some((volume) => layers.get(volume.volume_id) !== volume.layer_id);
}

function idsOf(volumes: readonly VolumeRow[]) {
  return volumes.map((volume) => volume.volume_id);
}
