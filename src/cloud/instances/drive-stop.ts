/** From 'stopping' to 'stopped'. */
import { setTimeout as delay } from 'node:timers/promises';
import { NodeError } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import { makeLayer } from '../volumes/make-layers.ts';
import { volumesOf } from './machine-spec.ts';
import type { InstanceRow } from './record.ts';
import { byNodeError, settle, settleStopped } from './settle-instance.ts';

export async function stop(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  try {
    // A launch may be stopped before it began: what is stopped has its disks.
    for (const volume of await volumesOf(cloud, instance.instance_id)) await makeLayer(cloud, volume);
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    await settle(cloud, instance, 'shutting-down', byNodeError(error));
    return true;
  }
  await stopMachine(cloud, instance);
  await settleStopped(cloud, instance, {});
  return true;
}

/** An orderly stop takes its time; a forced one, or a termination, that is asked for meanwhile cuts it short. */
async function stopMachine(cloud: Cloud, instance: InstanceRow): Promise<void> {
  const ask = async (force: boolean) => {
    await cloud.nodes.get(instance.node_id).stopMachine({
      instanceId: instance.instance_id,
      deadlineMs: cloud.config.stopDeadlineMs,
      force,
    });
    return true;
  };
  if (instance.force_stop === 1) {
    await ask(true);
    return;
  }
  const orderly = ask(false);
  const pause = () => delay(cloud.config.reconcileIntervalMs, false, { ref: false });
  while (!(await Promise.race([orderly, pause()]))) {
    if (await isHurried(cloud, instance)) await ask(true);
  }
}

async function isHurried(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  const now = await cloud.db.read
    .selectFrom('instances')
    .select(['state', 'force_stop'])
    .where('instance_id', '=', instance.instance_id)
    .executeTakeFirst();
  return now === undefined || now.state === 'shutting-down' || now.force_stop === 1;
}
