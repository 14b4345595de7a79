/** Brings one instance from the state its row asks for to the state where it rests. */
import type { InstanceId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import { keepRunning } from './drive-running.ts';
import { start } from './drive-start.ts';
import { stop } from './drive-stop.ts';
import { terminate } from './drive-termination.ts';
import type { InstanceRow } from './record.ts';

/**
 * Goes on until a step changes nothing: what a request wrote meanwhile is done too. While an image is being
 * taken of it, the image has its power; what was asked meanwhile is done after.
 */
export async function driveInstance(cloud: Cloud, instanceId: InstanceId): Promise<void> {
  for (;;) {
    const instance = await cloud.db.read
      .selectFrom('instances')
      .selectAll()
      .where('instance_id', '=', instanceId)
      .executeTakeFirst();
    if (instance === undefined || instance.captured_by !== null) return;
    if (!(await step(cloud, instance))) return;
  }
}

async function step(cloud: Cloud, instance: InstanceRow): Promise<boolean> {
  switch (instance.state) {
    case 'pending':
      return await start(cloud, instance);
    case 'running':
      return await keepRunning(cloud, instance);
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
