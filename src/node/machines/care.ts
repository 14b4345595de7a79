/** What running machines need from time to time, whatever the cloud does. */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeContext } from '../context.ts';
import { machineFiles } from '../qemu/command-line.ts';
import type { Machine } from './machine.ts';
import { trimConsole } from './trim-console.ts';
import type { Vm } from './vm.ts';

const everyMs = 10_000;

export function careForMachines(context: NodeContext): { stop(): Promise<void> } {
  let round: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    round = round.then(() => careOnce(context));
  }, everyMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await round;
    },
  };
}

export async function careOnce(context: NodeContext): Promise<void> {
  for (const machine of context.machines.values()) {
    const { vm } = machine;
    if (vm === undefined) continue;
    try {
      await trimConsole(join(machine.directory, machineFiles.console));
      await resumeAfterFullDisk(context, machine, vm);
    } catch (error) {
      machine.log.warn({ instanceId: machine.instanceId, err: error }, 'a machine could not be cared for');
    }
  }
}

/** A machine that found the disk full stands still, with nothing lost. It goes on when there is room again. */
async function resumeAfterFullDisk(context: NodeContext, machine: Machine, vm: Vm): Promise<void> {
  const { status } = (await vm.qmp.execute('query-status')) as { readonly status: string };
  if (status !== 'io-error') return;
  const { bavail, bsize } = await statfs(context.folders.layers);
  if (bavail * bsize < context.diskFloorBytes) {
    machine.log.warn({ instanceId: machine.instanceId }, 'stands still: the disk is full');
    return;
  }
  await vm.qmp.execute('cont');
  machine.log.info({ instanceId: machine.instanceId }, 'goes on: the disk has room again');
}
