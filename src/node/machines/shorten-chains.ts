import type { NodeContext } from '../context.ts';
import { layerChain } from '../disks/layer-status.ts';
import { beginShortening } from '../disks/shorten-chain.ts';
import { dropUnusedLayers } from '../qemu/block-graph.ts';
import type { Machine } from './machine.ts';

/**
 * Begins to shorten the long chains of running machines; QEMU does the work. Chains of stopped machines wait
 * until these run: nobody reads them. Answers at once; asked again, it finds the jobs under way.
 */
export async function shortenChains(context: NodeContext): Promise<void> {
  for (const machine of context.machines.values()) {
    if (machine.vm === undefined) continue;
    void context.queue
      .run([machine.instanceId], () => shortenMachine(context, machine))
      .catch((error: unknown) => {
        machine.log.warn({ instanceId: machine.instanceId, err: error }, 'a chain could not be shortened');
      });
  }
}

async function shortenMachine(context: NodeContext, machine: Machine): Promise<void> {
  const { vm } = machine;
  if (vm === undefined) return;
  // What earlier jobs have merged is no longer needed.
  await dropUnusedLayers(vm.qmp);
  for (const { layerId } of machine.record.volumes) {
    const chain = await layerChain(context.folders.layers, layerId);
    if (await beginShortening(vm.qmp, chain)) {
      machine.log.info(
        { instanceId: machine.instanceId, layerId, depth: chain.length },
        'shortening a chain',
      );
    }
  }
}
