import type { Machine } from './machine.ts';
import type { Vm } from './vm.ts';

const answerDeadlineMs = 5_000;

/** Asks the agent to thaw until it answers or the VM ends: a guest left frozen is lost to its owner. */
export async function thawUntilAnswered(machine: Machine, vm: Vm): Promise<void> {
  while (machine.vm === vm) {
    try {
      const agent = await vm.agent.reach();
      await agent.sync(answerDeadlineMs);
      await agent.thaw(answerDeadlineMs);
      await machine.save({ thawOwed: undefined });
      return;
    } catch (error) {
      vm.agent.close();
      machine.log.warn({ instanceId: machine.instanceId, err: error }, 'the guest is not known to be thawed');
      await vm.endsWithin(1_000);
    }
  }
}
