import { join } from 'node:path';
import type { NodeContext } from '../context.ts';
import { type MachineSpec, type MachineStatus, NodeError } from '../contract.ts';
import { hasLayer, isFrozen } from '../disks/layer-files.ts';
import { assertName } from '../names.ts';
import { freeAddress } from '../network/free-address.ts';
import { admitDisk, admitMemory } from './admission.ts';
import { launch } from './launch.ts';
import { Machine } from './machine.ts';
import { openPorts } from './ports.ts';
import { prepareDirectory } from './prepare-directory.ts';
import { type MachineRecord, recordVersion } from './record.ts';
import { settleSnapshot } from './settle-snapshot.ts';
import { keepLastSnapshot } from './snapshot-results.ts';

/** Starts the machine, or answers with the running one. */
export async function startMachine(context: NodeContext, spec: MachineSpec): Promise<MachineStatus> {
  assertName(spec.instanceId, 'instance id');
  return context.queue.run([spec.instanceId], async () => {
    const before = context.machines.get(spec.instanceId);
    if (before?.vm !== undefined) return before.status();
    if (before !== undefined) await closeRecord(context, before);
    await checkLayers(context, spec);
    await admitDisk(context);
    // From the count of memory to the record in the map nothing is awaited: two starts can't both take the last.
    admitMemory(context, spec.instanceId, spec.memoryMiB);
    const machine = register(context, spec);
    try {
      await prepareDirectory(machine.directory, spec);
      await machine.save({ state: 'starting' });
      await context.fault('start:recorded');
      await launch(context, machine);
      await context.fault('start:launched');
    } catch (error) {
      const stopDetail = error instanceof Error ? error.message : String(error);
      await machine.save({ state: 'stopped', publicAddress: undefined, stopReason: 'crashed', stopDetail });
      throw error;
    }
    await openPorts(context, machine);
    await machine.save({ state: 'running' });
    context.changed(machine.status());
    return machine.status();
  });
}

/** What the record of the last run still holds is put in its place: the new run begins a new one. */
async function closeRecord(context: NodeContext, before: Machine): Promise<void> {
  await before.written();
  await settleSnapshot(context, before);
  await keepLastSnapshot(context.folders, before);
}

function register(context: NodeContext, spec: MachineSpec): Machine {
  const { instanceId, architecture, firmware, cpus, memoryMiB, volumes, network } = spec;
  const record: MachineRecord = {
    version: recordVersion,
    state: 'starting',
    publicAddress: takeAddress(context),
    ...{ instanceId, architecture, firmware, cpus, memoryMiB, volumes, network },
  };
  const machine = new Machine(context, join(context.folders.instances, instanceId), record);
  context.machines.set(instanceId, machine);
  return machine;
}

function takeAddress(context: NodeContext): string {
  const taken = [...context.machines.values()].flatMap(({ record }) => record.publicAddress ?? []);
  return freeAddress(context.publicPrefix, new Set(taken), taken.at(-1));
}

async function checkLayers(context: NodeContext, spec: MachineSpec): Promise<void> {
  const { layers } = context.folders;
  for (const { layerId, volumeId } of spec.volumes) {
    if (!(await hasLayer(layers, layerId)))
      throw new NodeError('unknown-layer', `no layer ${layerId} on this node`);
    if (await isFrozen(layers, layerId)) {
      throw new NodeError(
        'internal',
        `layer ${layerId} of ${volumeId} is frozen; a machine writes only an overlay of it`,
      );
    }
  }
}
