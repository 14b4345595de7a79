import { within } from '../deadline.ts';
import type { ClosedPort, Forward } from '../network/ports.ts';
import type { QemuProcess } from '../qemu/process.ts';
import type { Qmp } from '../qemu/qmp.ts';

/** A QEMU process that runs, and what is known of it only while it does. */
export class Vm {
  readonly process: QemuProcess;
  readonly qmp: Qmp;
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
    this.#stopListening = qmp.onEvent(({ event, data }) => {
      if (event === 'VSERPORT_CHANGE') this.agentOpen = data.open === true;
    });
  }

  /** Settles when the process is gone and its record says so. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  markEnded(): void {
    this.#stopListening();
    this.#ended.resolve();
  }

  /** Asks QEMU what events told before this server listened. */
  async learn(): Promise<void> {
    const devices = (await this.qmp.execute('query-chardev')) as readonly {
      readonly label: string;
      readonly 'frontend-open': boolean;
    }[];
    this.agentOpen = devices.some((device) => device.label === 'agent' && device['frontend-open']);
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
