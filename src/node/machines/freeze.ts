import { join } from 'node:path';
import { NodeError, type SnapshotRequest } from '../contract.ts';
import { connectAgent, type GuestAgent } from '../guest/agent.ts';
import { machineFiles } from '../qemu/command-line.ts';
import type { Machine } from './machine.ts';
import { thawUntilAnswered } from './thaw.ts';
import type { Vm } from './vm.ts';

const defaultDeadlineMs = 3_000;

/** The guest's file systems around one instant. */
export interface Freeze {
  /** The agent has answered and may be told to freeze. */
  readonly possible: boolean;
  /** Known after `freeze`: at least one file system is at rest. */
  readonly frozen: boolean;
  /** From the freeze command to the thaw's answer. */
  readonly frozenMs: number;
  freeze(): Promise<void>;
  /** Never throws: a guest that does not answer now is thawed as soon as it does. */
  thaw(): Promise<void>;
  close(): void;
}

/** Finds out whether the guest can be frozen; nothing is frozen yet. */
export async function beginFreeze(machine: Machine, vm: Vm, request: SnapshotRequest): Promise<Freeze> {
  const deadlineMs = request.freezeDeadlineMs ?? defaultDeadlineMs;
  if (request.freeze === 'no') return noFreeze;
  const agent = await answeringAgent(machine, vm, deadlineMs);
  if (agent !== undefined)
    return new AgentFreeze(machine, vm, agent, request.freeze === 'require', deadlineMs);
  if (request.freeze === 'try') return noFreeze;
  throw new NodeError('freeze-failed', `the guest agent of instance ${machine.instanceId} does not answer`);
}

async function answeringAgent(machine: Machine, vm: Vm, deadlineMs: number): Promise<GuestAgent | undefined> {
  if (!vm.agentOpen || machine.record.thawOwed === true) return undefined;
  const agent = await connectAgent(join(machine.directory, machineFiles.agentSocket));
  try {
    await agent.sync(Math.min(deadlineMs, 1_000));
    return agent;
  } catch (error) {
    machine.log.info({ instanceId: machine.instanceId, err: error }, 'the guest agent is silent');
    agent.close();
    return undefined;
  }
}

const noFreeze: Freeze = {
  possible: false,
  frozen: false,
  frozenMs: 0,
  freeze: async () => undefined,
  thaw: async () => undefined,
  close: () => undefined,
};

class AgentFreeze implements Freeze {
  readonly possible = true;
  frozen = false;
  frozenMs = 0;
  readonly #machine: Machine;
  readonly #vm: Vm;
  readonly #agent: GuestAgent;
  readonly #required: boolean;
  readonly #deadlineMs: number;
  #startedAt: number | undefined;

  constructor(machine: Machine, vm: Vm, agent: GuestAgent, required: boolean, deadlineMs: number) {
    this.#machine = machine;
    this.#vm = vm;
    this.#agent = agent;
    this.#required = required;
    this.#deadlineMs = deadlineMs;
  }

  async freeze(): Promise<void> {
    this.#startedAt = performance.now();
    try {
      this.frozen = (await this.#agent.freeze(this.#deadlineMs)) > 0;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const { instanceId } = this.#machine;
      this.#machine.log.warn({ instanceId, err: error }, 'the guest was not frozen');
      if (this.#required)
        throw new NodeError('freeze-failed', `instance ${instanceId}: ${reason}`, { cause: error });
    }
  }

  async thaw(): Promise<void> {
    const { instanceId, log } = this.#machine;
    try {
      await this.#agent.thaw(this.#deadlineMs);
      this.#machine.note({ thawOwed: undefined });
    } catch (error) {
      log.warn({ instanceId, err: error }, 'the guest did not answer the thaw; asking until it does');
      this.#agent.close();
      void thawUntilAnswered(this.#machine, this.#vm);
    } finally {
      if (this.#startedAt !== undefined) this.frozenMs = performance.now() - this.#startedAt;
    }
  }

  close(): void {
    this.#agent.close();
  }
}
