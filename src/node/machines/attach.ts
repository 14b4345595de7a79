import type { InstanceId } from '../../platform/ids.ts';
import { knownMachine, type NodeContext } from '../context.ts';
import { type MachineStatus, NodeError, type VolumeSpec } from '../contract.ts';
import { hasLayer, isFrozen } from '../disks/layer-files.ts';
import { activeLayers, dropUnusedLayers } from '../qemu/block-graph.ts';
import { layerNode, volumeDevice } from '../qemu/devices.ts';
import type { Qmp } from '../qemu/qmp.ts';
import { freePort } from '../qemu/root-ports.ts';

/** Plugs a volume in, live where the machine runs. A stopped machine gets it at its next start. */
export async function attachVolume(
  context: NodeContext,
  request: { readonly instanceId: InstanceId; readonly volume: VolumeSpec },
): Promise<MachineStatus> {
  const { instanceId, volume } = request;
  return context.queue.run([instanceId], async () => {
    const machine = knownMachine(context, instanceId);
    const { layers } = context.folders;
    if (!(await hasLayer(layers, volume.layerId))) {
      throw new NodeError('unknown-layer', `no layer ${volume.layerId} on this node`);
    }
    if (await isFrozen(layers, volume.layerId)) {
      throw new NodeError(
        'internal',
        `layer ${volume.layerId} is frozen; a machine writes only an overlay of it`,
      );
    }
    const before = machine.record.volumes.filter((other) => other.volumeId !== volume.volumeId);
    // Recorded first: killed in between, QEMU is asked what it has.
    await machine.save({ volumes: [...before, volume] });
    await context.fault('attach:recorded');
    if (machine.vm !== undefined) {
      try {
        await plugIn(machine.vm.qmp, volume);
      } catch (error) {
        await machine.save({ volumes: before });
        throw error;
      }
    }
    return machine.status();
  });
}

async function plugIn(qmp: Qmp, volume: VolumeSpec): Promise<void> {
  const active = (await activeLayers(qmp)).get(volume.volumeId);
  if (active === volume.layerId) return;
  if (active !== undefined) {
    throw new NodeError(
      'internal',
      `volume ${volume.volumeId} is attached and writes ${active}, not ${volume.layerId}`,
    );
  }
  const port = await freePort(qmp);
  if (port === undefined) {
    throw new NodeError(
      'unsupported',
      'all ports for further volumes are taken; the next start brings new ones',
    );
  }
  await qmp.execute('blockdev-add', layerNode(volume.layerId));
  try {
    await qmp.execute('device_add', volumeDevice({ ...volume, port, root: false }));
  } catch (error) {
    await dropUnusedLayers(qmp);
    throw error;
  }
}
