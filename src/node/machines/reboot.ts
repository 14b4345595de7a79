import type { InstanceId } from '../../platform/ids.ts';
import { knownMachine, type NodeContext } from '../context.ts';
import type { MachineStatus } from '../contract.ts';
import type { QmpEvent } from '../qemu/qmp.ts';
import type { Machine } from './machine.ts';
import { askAgent } from './stop.ts';
import type { Vm } from './vm.ts';

/**
 * Reboots in the same process: memory, addresses and devices stay. An agent reboots by itself. Else the power
 * button is pressed while QEMU is told to pause at power-off instead of ending; then it is reset. A guest that
 * does neither in time is reset the hard way.
 */
export async function rebootMachine(
  context: NodeContext,
  request: { readonly instanceId: InstanceId; readonly deadlineMs: number },
): Promise<MachineStatus> {
  return context.queue.run([request.instanceId], async () => {
    const machine = knownMachine(context, request.instanceId);
    const vm = machine.running();
    await vm.qmp.execute('set-action', { shutdown: 'pause' });
    try {
      const outcome = await orderlyEnd(machine, vm, request.deadlineMs);
      if (outcome !== 'reset') {
        await vm.qmp.execute('system_reset');
        if (outcome === 'shutdown') await vm.qmp.execute('cont');
      }
    } finally {
      if (machine.vm === vm) await vm.qmp.execute('set-action', { shutdown: 'poweroff' });
    }
    return machine.status();
  });
}

async function orderlyEnd(
  machine: Machine,
  vm: Vm,
  deadlineMs: number,
): Promise<'reset' | 'shutdown' | 'late'> {
  const event = Promise.withResolvers<'reset' | 'shutdown'>();
  const stopListening = vm.qmp.onEvent(({ event: name }: QmpEvent) => {
    if (name === 'RESET') event.resolve('reset');
    if (name === 'SHUTDOWN') event.resolve('shutdown');
  });
  try {
    if (!(vm.agentOpen && (await askAgent(machine, vm, 'reboot')))) await vm.qmp.execute('system_powerdown');
    const late = vm.endsWithin(deadlineMs).then(() => 'late' as const);
    return await Promise.race([event.promise, late]);
  } finally {
    stopListening();
  }
}
