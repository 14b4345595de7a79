/** Finds again what outlived the last server: each instance's record, and its QEMU where that still runs. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstanceId } from '../../platform/ids.ts';
import type { NodeContext } from '../context.ts';
import { until } from '../deadline.ts';
import { stopShortening } from '../disks/shorten-chain.ts';
import { sweepDrafts } from '../disks/sweep-drafts.ts';
import { activeLayers, dropUnusedLayers } from '../qemu/block-graph.ts';
import { machineFiles } from '../qemu/command-line.ts';
import { isAlive, killQemu, leftPidFile, type QemuProcess, qemuSaid } from '../qemu/process.ts';
import { connectWhenServed } from '../qemu/qmp.ts';
import { endOf } from './end-reason.ts';
import { Machine } from './machine.ts';
import { openPorts } from './ports.ts';
import { readRecord } from './record.ts';
import { settleSnapshot } from './settle-snapshot.ts';
import { keepLastSnapshot } from './snapshot-results.ts';
import { thawUntilAnswered } from './thaw.ts';
import { Vm } from './vm.ts';

export async function recoverMachines(
  context: NodeContext,
  processes: ReadonlyMap<InstanceId, QemuProcess>,
): Promise<void> {
  const names = (await readdir(context.folders.instances)) as InstanceId[];
  await Promise.all(
    names.map((instanceId) => recoverMachine(context, instanceId, processes.get(instanceId))),
  );
}

async function recoverMachine(
  context: NodeContext,
  instanceId: InstanceId,
  process: QemuProcess | undefined,
): Promise<void> {
  const directory = join(context.folders.instances, instanceId);
  const record = await readRecord(directory);
  if (record === undefined) {
    // The server died between making the directory and writing the record: the cloud asks again.
    if (process !== undefined) await killQemu(process);
    await rm(directory, { recursive: true, force: true });
    return;
  }
  await sweepDrafts(directory);
  const machine = new Machine(context, directory, record);
  context.machines.set(instanceId, machine);
  await keepLastSnapshot(context.folders, machine);
  const vm = process === undefined ? undefined : await connectVm(machine, process);
  if (vm !== undefined) await adoptVm(context, machine, vm);
  else if (record.state !== 'stopped') await recordEnd(machine);
  if (machine.vm === undefined) await settleSnapshot(context, machine);
}

/** Undefined where the process ended meanwhile. */
async function connectVm(machine: Machine, process: QemuProcess): Promise<Vm | undefined> {
  const socket = join(machine.directory, machineFiles.controlSocket);
  try {
    const qmp = await until(
      async () => {
        if (!(await isAlive(process))) return 'ended';
        return connectWhenServed(socket, 10_000);
      },
      { deadlineMs: 20_000, what: `QEMU's answer for instance ${machine.instanceId}` },
    );
    return qmp === 'ended' ? undefined : new Vm(process, qmp);
  } catch (error) {
    // A QEMU that does not answer can be neither stopped nor imaged; killed, its disks are as after a power cut.
    machine.log.error({ instanceId: machine.instanceId, err: error }, 'killing a QEMU that does not answer');
    await killQemu(process);
    return undefined;
  }
}

async function adoptVm(context: NodeContext, machine: Machine, vm: Vm): Promise<void> {
  await vm.learn();
  machine.adopt(vm);
  await settleSnapshot(context, machine);
  if (machine.record.thawOwed === true) void thawUntilAnswered(machine, vm);
  await finishInterruptedReboot(vm);
  const active = await activeLayers(vm.qmp);
  // A copy that the last server began has lost its file to the sweep of drafts.
  await stopShortening(vm.qmp);
  await dropUnusedLayers(vm.qmp);
  await machine.save({
    state: 'running',
    volumes: machine.record.volumes
      .filter((volume) => active.has(volume.volumeId))
      .map((volume) => ({ ...volume, layerId: active.get(volume.volumeId) ?? volume.layerId })),
  });
  await openPorts(context, machine);
  machine.log.info({ instanceId: machine.instanceId, pid: vm.process.pid }, 'found a running VM again');
}

/** A reboot makes power-off pause instead of end; see `rebootMachine`. */
async function finishInterruptedReboot(vm: Vm): Promise<void> {
  await vm.qmp.execute('set-action', { shutdown: 'poweroff' });
  const { status } = (await vm.qmp.execute('query-status')) as { readonly status: string };
  if (status !== 'shutdown') return;
  await vm.qmp.execute('system_reset');
  await vm.qmp.execute('cont');
}

async function recordEnd(machine: Machine): Promise<void> {
  const killed = await leftPidFile(machine.directory);
  // One that never got to write its pid file did not end by itself either.
  const neverRan = machine.record.state === 'starting';
  const end = endOf({
    requested: false,
    exit: undefined,
    killed: killed || neverRan,
    said: await qemuSaid(machine.directory),
  });
  await machine.save({ state: 'stopped', publicAddress: undefined, thawOwed: undefined, ...end });
}
