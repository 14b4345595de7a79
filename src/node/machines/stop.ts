import type { InstanceId } from '../../platform/ids.ts';
import type { NodeContext } from '../context.ts';
import type { MachineStatus } from '../contract.ts';
import { killQemu } from '../qemu/process.ts';
import type { Machine } from './machine.ts';
import type { Vm } from './vm.ts';

/** How often the power button is pressed: a guest that is still booting does not hear it. */
const pressEveryMs = 5_000;
const quitDeadlineMs = 15_000;

/** Orderly by agent and power button, hard after the deadline. A forced stop cuts short an orderly one under way. */
export async function stopMachine(
  context: NodeContext,
  request: { readonly instanceId: InstanceId; readonly deadlineMs: number; readonly force: boolean },
): Promise<MachineStatus> {
  if (request.force) context.machines.get(request.instanceId)?.vm?.hurry.abort();
  return context.queue.run([request.instanceId], async () => {
    const machine = context.machines.get(request.instanceId);
    if (machine === undefined) return { instanceId: request.instanceId, state: 'absent', volumes: [] };
    if (machine.vm !== undefined) await endVm(machine, machine.vm, request.force ? 0 : request.deadlineMs);
    return machine.status();
  });
}

/** Answers when the process is gone and recorded. */
export async function endVm(machine: Machine, vm: Vm, deadlineMs: number): Promise<void> {
  vm.stopRequested = true;
  if (await endsOrderly(machine, vm, deadlineMs)) return;
  // Quitting flushes what the guest has flushed; a killed QEMU loses no more than a power cut does.
  await vm.qmp.execute('quit', {}, quitDeadlineMs).catch((error: unknown) => {
    machine.log.debug({ instanceId: machine.instanceId, err: error }, 'QEMU did not answer quit');
  });
  if (await endsSoon(vm)) return;
  await killQemu(vm.process);
  await vm.ended;
}

async function endsOrderly(machine: Machine, vm: Vm, deadlineMs: number): Promise<boolean> {
  if (deadlineMs <= 0) return false;
  const end = performance.now() + deadlineMs;
  if (vm.agentOpen) await askAgent(machine, vm, 'powerdown');
  while (performance.now() < end && !vm.hurry.signal.aborted) {
    await vm.qmp.execute('system_powerdown').catch((error: unknown) => {
      machine.log.debug(
        { instanceId: machine.instanceId, err: error },
        'QEMU did not press the power button',
      );
    });
    if (await vm.endsWithin(Math.max(0, Math.min(pressEveryMs, end - performance.now())))) return true;
  }
  return false;
}

/** An agent that does not answer is no failure: the power button follows. One that owes a thaw is being asked for it. */
export async function askAgent(machine: Machine, vm: Vm, mode: 'powerdown' | 'reboot'): Promise<boolean> {
  if (machine.record.thawOwed === true) return false;
  try {
    const agent = await vm.agent.reach();
    await agent.sync(1_000);
    agent.shutdown(mode);
    return true;
  } catch (error) {
    vm.agent.close();
    machine.log.debug(
      { instanceId: machine.instanceId, err: error },
      `the guest agent did not take '${mode}'`,
    );
    return false;
  }
}

async function endsSoon(vm: Vm): Promise<boolean> {
  return Promise.race([
    vm.ended.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), quitDeadlineMs).unref()),
  ]);
}
