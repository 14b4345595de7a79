import { NodeError, type SnapshotRequest } from '../contract.ts';
import { until } from '../deadline.ts';
import { AgentError, type GuestAgent } from '../guest/agent.ts';
import type { Machine } from './machine.ts';
import { thawUntilAnswered } from './thaw.ts';
import type { Vm } from './vm.ts';

const defaultDeadlineMs = 3_000;

/** The guest's file systems around one instant. */
export interface Freeze {
  /** Known after `freeze`: at least one file system is at rest. */
  readonly frozen: boolean;
  /** From the freeze command to the thaw's answer. */
  readonly frozenMs: number;
  /** It was told to freeze, and has not yet said that it thawed. */
  readonly thawOwed: boolean;
  freeze(): Promise<void>;
  /** Never throws: a guest that does not answer now is thawed as soon as it does. */
  thaw(): Promise<void>;
}

/** Whether there is an agent to ask, as far as can be told without asking. */
export async function mayFreeze(machine: Machine, vm: Vm, request: SnapshotRequest): Promise<boolean> {
  if (request.freeze === 'no') return false;
  if (vm.agentOpen && (await isThawed(machine, request))) return true;
  if (request.freeze === 'require') throw noAnswer(machine);
  return false;
}

/** Finds out whether the agent answers; nothing is frozen yet. */
export async function beginFreeze(machine: Machine, vm: Vm, request: SnapshotRequest): Promise<Freeze> {
  const deadlineMs = request.freezeDeadlineMs ?? defaultDeadlineMs;
  const agent = await vm.agent.reach();
  try {
    await agent.sync(Math.min(deadlineMs, 1_000));
  } catch (error) {
    machine.log.info({ instanceId: machine.instanceId, err: error }, 'the guest agent is silent');
    vm.agent.close();
    if (request.freeze === 'require') throw noAnswer(machine);
    return noFreeze;
  }
  return new AgentFreeze(machine, vm, agent, request.freeze === 'require', deadlineMs);
}

/**
 * While an earlier thaw is owed the agent is being asked for that, and for nothing else. It takes but a moment
 * where a server died during a freeze, and its guest shall not be rebooted for that.
 */
async function isThawed(machine: Machine, request: SnapshotRequest): Promise<boolean> {
  const thawed = () => (machine.record.thawOwed === true ? undefined : true);
  const deadlineMs = request.freezeDeadlineMs ?? defaultDeadlineMs;
  return await until(thawed, { deadlineMs, what: 'the thaw' }).catch(() => false);
}

function noAnswer(machine: Machine): NodeError {
  return new NodeError('freeze-failed', `the guest agent of instance ${machine.instanceId} does not answer`);
}

export const noFreeze: Freeze = {
  frozen: false,
  frozenMs: 0,
  thawOwed: false,
  freeze: async () => undefined,
  thaw: async () => undefined,
};

class AgentFreeze implements Freeze {
  frozen = false;
  frozenMs = 0;
  thawOwed = false;
  readonly #machine: Machine;
  readonly #vm: Vm;
  readonly #agent: GuestAgent;
  readonly #required: boolean;
  readonly #deadlineMs: number;
  #startedAt = 0;

  constructor(machine: Machine, vm: Vm, agent: GuestAgent, required: boolean, deadlineMs: number) {
    this.#machine = machine;
    this.#vm = vm;
    this.#agent = agent;
    this.#required = required;
    this.#deadlineMs = deadlineMs;
  }

  async freeze(): Promise<void> {
    this.#startedAt = performance.now();
    this.thawOwed = true;
    try {
      this.frozen = (await this.#agent.freeze(this.#deadlineMs)) > 0;
    } catch (error) {
      // An agent that answers with an error has thawed what it froze; silence promises nothing.
      if (error instanceof AgentError) this.thawOwed = false;
      const reason = error instanceof Error ? error.message : String(error);
      const { instanceId } = this.#machine;
      this.#machine.log.warn({ instanceId, err: error }, 'the guest was not frozen');
      if (this.#required)
        throw new NodeError('freeze-failed', `instance ${instanceId}: ${reason}`, { cause: error });
    }
  }

  async thaw(): Promise<void> {
    if (!this.thawOwed) return;
    const { instanceId, log } = this.#machine;
    try {
      await this.#agent.thaw(this.#deadlineMs);
      this.thawOwed = false;
    } catch (error) {
      log.warn({ instanceId, err: error }, 'the guest did not answer the thaw; asking until it does');
      this.#vm.agent.close();
      void thawUntilAnswered(this.#machine, this.#vm);
    } finally {
      this.frozenMs = performance.now() - this.#startedAt;
    }
  }
}
