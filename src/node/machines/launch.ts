import { join } from 'node:path';
import type { NodeContext } from '../context.ts';
import { NodeError } from '../contract.ts';
import { until } from '../deadline.ts';
import { machineClaim } from '../network/claim-prefix.ts';
import { servedAddresses } from '../network/subnet.ts';
import { machineFiles, qemuArguments, qemuProgram } from '../qemu/command-line.ts';
import { findFlash } from '../qemu/firmware.ts';
import { killQemu, type QemuProcess, qemuSaid, startQemu } from '../qemu/process.ts';
import { connectWhenServed, type Qmp } from '../qemu/qmp.ts';
import type { Machine } from './machine.ts';
import { Vm } from './vm.ts';

const startDeadlineMs = 60_000;

/** Starts the machine's QEMU and waits until it answers, which it does only when all its disks are open. */
export async function launch(context: NodeContext, machine: Machine): Promise<void> {
  const { record, directory } = machine;
  const flash = record.firmware === 'uefi' ? await findFlash(record.architecture) : undefined;
  const args = qemuArguments({
    ...record,
    accelerator: context.acceleration(record.architecture).acceleration,
    network: { ...record.network, ...servedAddresses(record.network.subnet) },
    claim: machineClaim(context.publicPrefix, record.instanceId),
    ...(flash === undefined ? {} : { flashCode: flash.code }),
  });
  const process = await startQemu(qemuProgram(record.architecture), args, directory);
  try {
    const vm = new Vm(process, await firstAnswer(process));
    await vm.learn();
    machine.adopt(vm);
  } catch (error) {
    await killQemu(process);
    const said = await qemuSaid(directory);
    throw new NodeError('internal', `QEMU did not start instance ${record.instanceId}: ${said}`, {
      cause: error,
    });
  }
}

async function firstAnswer(process: QemuProcess): Promise<Qmp> {
  let ended = false;
  void process.exit?.then(() => {
    ended = true;
  });
  return until(
    async () => {
      if (ended) throw new Error('QEMU ended');
      return connectWhenServed(join(process.directory, machineFiles.controlSocket), startDeadlineMs);
    },
    { deadlineMs: startDeadlineMs, everyMs: 2, what: "QEMU's first answer" },
  );
}
