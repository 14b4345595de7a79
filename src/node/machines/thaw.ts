import { join } from 'node:path';
import { connectAgent } from '../guest/agent.ts';
import { machineFiles } from '../qemu/command-line.ts';
import type { Machine } from './machine.ts';
import type { Vm } from './vm.ts';

const answerDeadlineMs = 5_000;

/** Asks the agent to thaw until it answers or the VM ends: a guest left frozen is lost to its owner. */
export async function thawUntilAnswered(machine: Machine, vm: Vm): Promise<void> {
  while (machine.vm === vm) {
    try {
      const agent = await connectAgent(join(machine.directory, machineFiles.agentSocket));
      try {
        await agent.sync(answerDeadlineMs);
        await agent.thaw(answerDeadlineMs);
      } finally {
        agent.close();
      }
      await machine.save({ thawOwed: undefined });
      return;
    } catch (error) {
      machine.log.warn({ instanceId: machine.instanceId, err: error }, 'the guest is not known to be thawed');
      await vm.endsWithin(1_000);
    }
  }
}
