import type { LayerId } from '../platform/ids.ts';
import { readBlockCommands } from './blocks/read-blocks.ts';
import { writeBlockCommands } from './blocks/write-blocks.ts';
import type { NodeContext } from './context.ts';
import type { NodeContract } from './contract.ts';
import { createLayer } from './disks/create-layer.ts';
import { deleteLayers } from './disks/delete-layers.ts';
import { importLayer } from './disks/import-layer.ts';
import { listLayers } from './disks/list-layers.ts';
import { nodeFacts } from './facts.ts';
import { fileCommands } from './files/file-commands.ts';
import { admitDisk } from './machines/admission.ts';
import { attachVolume } from './machines/attach.ts';
import { readConsole } from './machines/console.ts';
import { detachVolume } from './machines/detach.ts';
import { growLayer } from './machines/grow.ts';
import { setPorts } from './machines/ports.ts';
import { rebootMachine } from './machines/reboot.ts';
import { removeMachine } from './machines/remove.ts';
import { shortenChains } from './machines/shorten-chains.ts';
import { snapshotVolumes } from './machines/snapshot.ts';
import { forgetResults } from './machines/snapshot-results.ts';
import { startMachine } from './machines/start.ts';
import { stopMachine } from './machines/stop.ts';
import { vaultCommands } from './vaults/vault-commands.ts';

/** The contract, command by command. */
export function nodeCommands(context: NodeContext): NodeContract {
  const { layers, snapshots } = context.folders;
  const alone = <T>(work: () => Promise<T>) => context.queue.run(['layers'], work);
  return {
    facts: () => nodeFacts(context),
    createLayer: (request) =>
      alone(async () => {
        await admitDisk(context);
        return createLayer(layers, request);
      }),
    importLayer: (request) =>
      alone(async () => {
        await admitDisk(context);
        return importLayer(layers, request);
      }),
    growLayer: (request) => growLayer(context, request),
    listLayers: () => listLayers(layers),
    deleteLayers: ({ layerIds }) =>
      alone(async () => {
        const open = new Set([...openLayers(context), ...(await context.blockWrites.parents())]);
        const gone = await deleteLayers(layers, layerIds, open);
        await forgetResults(snapshots, gone);
        for (const layerId of gone) await context.fetches.drop(layerId);
        return gone;
      }),
    shortenChains: () => shortenChains(context),
    startMachine: (spec) => startMachine(context, spec),
    stopMachine: (request) => stopMachine(context, request),
    rebootMachine: (request) => rebootMachine(context, request),
    removeMachine: (request) => removeMachine(context, request),
    listMachines: async () => [...context.machines.values()].map((machine) => machine.status()),
    machine: async ({ instanceId }) =>
      context.machines.get(instanceId)?.status() ?? { instanceId, state: 'absent', volumes: [] },
    setPorts: (request) => setPorts(context, request),
    attachVolume: (request) => attachVolume(context, request),
    detachVolume: (request) => detachVolume(context, request),
    console: (request) => readConsole(context, request),
    snapshotVolumes: (request) => snapshotVolumes(context, request),
    ...readBlockCommands(context),
    ...writeBlockCommands(context),
    ...fileCommands(context),
    ...vaultCommands(context),
  };
}

/** What running machines write or are about to, and what goes to a vault; all below it is held by the headers. */
function openLayers(context: NodeContext): ReadonlySet<LayerId> {
  const open = new Set<LayerId>(context.vaults.readers.keys());
  for (const { record } of context.machines.values()) {
    if (record.state !== 'stopped') for (const volume of record.volumes) open.add(volume.layerId);
    for (const volume of record.pendingSnapshot?.volumes ?? []) open.add(volume.nextLayerId);
  }
  return open;
}
