import type { InstanceId, VolumeId } from '../../platform/ids.ts';
import { knownMachine, type NodeContext } from '../context.ts';
import { type MachineStatus, NodeError } from '../contract.ts';
import { until } from '../deadline.ts';
import { stopShortening } from '../disks/shorten-chain.ts';
import { activeLayers, dropUnusedLayers } from '../qemu/block-graph.ts';
import { volumeBackend } from '../qemu/devices.ts';
import { type Qmp, QmpError } from '../qemu/qmp.ts';

/** The guest must let go of the device; one that is still booting, or has no driver, never answers. */
const guestDeadlineMs = 20_000;

/**
 * Unplugs a volume. Without `force` the guest has to agree in time, else nothing changes. With it the device
 * is cut off from its layer (reads and writes fail from then on), as a pulled disk would be.
 */
export async function detachVolume(
  context: NodeContext,
  request: { readonly instanceId: InstanceId; readonly volumeId: VolumeId; readonly force: boolean },
): Promise<MachineStatus> {
  const { instanceId, volumeId, force } = request;
  return context.queue.run([instanceId], async () => {
    const machine = knownMachine(context, instanceId);
    if (machine.vm !== undefined) await unplug(machine.vm.qmp, volumeId, force);
    await context.fault('detach:unplugged');
    await machine.save({ volumes: machine.record.volumes.filter((volume) => volume.volumeId !== volumeId) });
    return machine.status();
  });
}

async function unplug(qmp: Qmp, volumeId: VolumeId, force: boolean): Promise<void> {
  if (!(await activeLayers(qmp)).has(volumeId)) return;
  await stopShortening(qmp);
  await askGuest(qmp, volumeId);
  try {
    await until(async () => ((await activeLayers(qmp)).has(volumeId) ? undefined : true), {
      deadlineMs: force ? 2_000 : guestDeadlineMs,
      everyMs: 20,
      what: 'the guest',
    });
  } catch (error) {
    if (!force) {
      const message = `the guest did not let go of ${volumeId} within ${guestDeadlineMs / 1000} s; unmount it there, or force`;
      throw new NodeError('internal', message, { cause: error });
    }
    await cutOff(qmp, volumeId);
  }
  await dropUnusedLayers(qmp);
}

async function askGuest(qmp: Qmp, volumeId: VolumeId): Promise<void> {
  try {
    await qmp.execute('device_del', { id: volumeId });
  } catch (error) {
    // An earlier request to let go is still with the guest.
    if (!(error instanceof QmpError && error.message.includes('unplug'))) throw error;
  }
}

/** Puts a node under the device that fails every request. The device itself goes when the guest or the VM does. */
async function cutOff(qmp: Qmp, volumeId: VolumeId): Promise<void> {
  const node = `gone-${volumeId.slice(-17)}`;
  await qmp.execute('blockdev-add', {
    driver: 'blkdebug',
    'node-name': node,
    image: { driver: 'null-co', size: 2 ** 20 },
    'inject-error': [{ event: 'none', errno: 5 }],
  });
  await qmp.execute('qom-set', { path: volumeBackend(volumeId), property: 'drive', value: node });
}
