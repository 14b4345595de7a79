import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceId } from '../../platform/ids.ts';
import type { NodeContext } from '../context.ts';
import { assertName } from '../names.ts';
import { keepLastSnapshot } from './snapshot-results.ts';
import { endVm } from './stop.ts';

/** Kills the machine if it runs and removes all that is its own. Layers stay: they belong to what refers to them. */
export async function removeMachine(
  context: NodeContext,
  request: { readonly instanceId: InstanceId },
): Promise<void> {
  const { instanceId } = request;
  assertName(instanceId, 'instance id');
  context.machines.get(instanceId)?.vm?.hurry.abort();
  await context.queue.run([instanceId], async () => {
    const machine = context.machines.get(instanceId);
    if (machine?.vm !== undefined) await endVm(machine, machine.vm, 0);
    // A repeated snapshot request may come after the machine has gone.
    if (machine !== undefined) await keepLastSnapshot(context.folders, machine);
    await rm(join(context.folders.instances, instanceId), { recursive: true, force: true });
    context.machines.delete(instanceId);
  });
}
