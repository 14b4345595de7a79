import type { LayerId } from '../../../platform/ids.ts';
import type { NodeContext } from '../../context.ts';
import { layerChain } from '../../disks/layer-status.ts';
import { stopShortening } from '../../disks/shorten-chain.ts';
import type { Machine } from '../../machines/machine.ts';
import { dropUnusedLayers, openLayers } from '../../qemu/block-graph.ts';
import { layerNode } from '../../qemu/devices.ts';
import type { Qmp } from '../../qemu/qmp.ts';

/** Puts running machines from the vault's export on the layer's file, which is whole now. True when none depends on the export. */
export async function moveMachines(context: NodeContext, layerId: LayerId): Promise<boolean> {
  let free = true;
  for (const machine of context.machines.values()) {
    const moved = await context.queue.run([machine.instanceId], () => moveMachine(context, machine, layerId));
    free &&= moved;
  }
  return free;
}

/** Whether a running machine has the vault's export of the layer open. */
export async function isReadByMachines(context: NodeContext, layerId: LayerId): Promise<boolean> {
  for (const { vm } of context.machines.values()) {
    if (vm !== undefined && (await readsExport(vm.qmp, layerId))) return true;
  }
  return false;
}

async function moveMachine(context: NodeContext, machine: Machine, layerId: LayerId): Promise<boolean> {
  const qmp = machine.vm?.qmp;
  if (qmp === undefined) return true;
  try {
    if (!(await readsExport(qmp, layerId))) return true;
    await stopShortening(qmp);
    for (const volume of machine.record.volumes) {
      const chain = await layerChain(context.folders.layers, volume.layerId);
      const above = chain[chain.indexOf(layerId) - 1];
      if (above !== undefined) await standOnFile(qmp, above, layerId, above === volume.layerId);
    }
    await dropUnusedLayers(qmp);
    return !(await readsExport(qmp, layerId));
  } catch (error) {
    machine.log.warn(
      { instanceId: machine.instanceId, layerId, err: error },
      'a machine still reads from a vault',
    );
    return machine.vm === undefined;
  }
}

/** The same data from another place: nothing of it can be seen in the guest. */
async function standOnFile(qmp: Qmp, above: LayerId, layerId: LayerId, written: boolean): Promise<void> {
  const open = await openLayers(qmp);
  // A layer that QEMU found in a header has no name, and can be given no other backing until the next start.
  if (!open.has(above)) return;
  if (!open.has(layerId)) {
    await qmp.execute('blockdev-add', { ...layerNode(layerId), 'read-only': true });
  }
  const options = { ...layerNode(above), backing: layerId, ...(written ? {} : { 'read-only': true }) };
  await qmp.execute('blockdev-reopen', { options: [options] });
}

async function readsExport(qmp: Qmp, layerId: LayerId): Promise<boolean> {
  const nodes = (await qmp.execute('query-named-block-nodes', { flat: true })) as readonly {
    readonly drv: string;
    readonly file: string;
  }[];
  return nodes.some(({ drv, file }) => drv === 'nbd' && file.startsWith(`nbd+unix:///${layerId}?`));
}
