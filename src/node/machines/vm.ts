import { join } from 'node:path';
import { within } from '../deadline.ts';
import { AgentPort } from '../guest/agent.ts';
import type { ClosedPort, Forward } from '../network/ports.ts';
import { machineFiles } from '../qemu/command-line.ts';
import type { QemuProcess } from '../qemu/process.ts';
import type { Qmp } from '../qemu/qmp.ts';

/** A QEMU process that runs, and what is known of it only while it does. */
export class Vm {
  readonly process: QemuProcess;
  readonly qmp: Qmp;
  readonly agent: AgentPort;
  /** Whether the guest has its agent's port open: known at once, without asking the agent. */
  agentOpen = false;
  forwards: readonly Forward[] = [];
  closedPorts: readonly ClosedPort[] = [];
  /** Somebody asked for the end, so it is no crash. */
  stopRequested = false;
  /** Cuts short the wait for an orderly end. */
  readonly hurry = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  readonly #stopListening: () => void;

  constructor(process: QemuProcess, qmp: Qmp) {
    this.process = process;
    this.qmp = qmp;
    this.agent = new AgentPort(join(process.directory, machineFiles.agentSocket));
    this.#stopListening = qmp.onEvent(({ event, data }) => {
      if (event === 'VSERPORT_CHANGE') this.#agentIs(data.open === true);
    });
  }

  /** Settles when the process is gone and its record says so. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  markEnded(): void {
    this.#stopListening();
    this.agent.close();
    this.#ended.resolve();
  }

  /** Asks QEMU what events told before this server listened. */
  async learn(): Promise<void> {
    const devices = (await this.qmp.execute('query-chardev')) as readonly {
      readonly label: string;
      readonly 'frontend-open': boolean;
    }[];
    this.#agentIs(devices.some((device) => device.label === 'agent' && device['frontend-open']));
  }

  /** Without its machine, which runs on. */
  release(): void {
    this.qmp.close();
    this.agent.close();
    this.process.unref?.();
  }

  #agentIs(open: boolean): void {
    this.agentOpen = open;
    // Held from now on; who asks it something is told where that fails.
    if (open) this.agent.reach().catch(() => undefined);
  }

  /** True when it ended in time; false also when somebody is in a hurry. */
  async endsWithin(deadlineMs: number): Promise<boolean> {
    const hurried = new Promise<'hurried'>((resolve) => {
      if (this.hurry.signal.aborted) resolve('hurried');
      else this.hurry.signal.addEventListener('abort', () => resolve('hurried'), { once: true });
    });
    const ended = this.ended.then(() => 'ended' as const);
    const outcome = await within(Promise.race([ended, hurried]), deadlineMs, 'the end').catch(
      () => 'late' as const,
    );
    return outcome === 'ended';
  }
}
