import type { InstanceId } from '../../platform/ids.ts';
import type { Log } from '../../platform/log.ts';
import { type MachineStatus, NodeError } from '../contract.ts';
import { gone, killQemu, leftPidFile, qemuSaid } from '../qemu/process.ts';
import { endOf } from './end-reason.ts';
import { type MachineRecord, writeRecord } from './record.ts';
import type { Vm } from './vm.ts';

export interface MachineHost {
  readonly log: Log;
  readonly changed: (status: MachineStatus) => void;
}

/** One instance: its record on disk and, while it runs, its QEMU. Commands on it run one by one. */
export class Machine {
  readonly instanceId: InstanceId;
  readonly directory: string;
  readonly #host: MachineHost;
  #record: MachineRecord;
  #writing: Promise<void> = Promise.resolve();
  #afterwards: Promise<unknown> = Promise.resolve();
  #vm: Vm | undefined;
  #released = false;

  constructor(host: MachineHost, directory: string, record: MachineRecord) {
    this.#host = host;
    this.directory = directory;
    this.#record = record;
    this.instanceId = record.instanceId;
  }

  get record(): MachineRecord {
    return this.#record;
  }

  get vm(): Vm | undefined {
    return this.#vm;
  }

  get log(): Log {
    return this.#host.log;
  }

  running(): Vm {
    if (this.#vm !== undefined) return this.#vm;
    throw new NodeError('not-running', `instance ${this.instanceId} does not run`);
  }

  /** A change that reaches the disk only with the next `save`, which the caller knows to follow. */
  note(change: Partial<MachineRecord>): void {
    this.#record = { ...this.#record, ...change };
  }

  /** Answers when the change is on disk. */
  async save(change: Partial<MachineRecord>): Promise<void> {
    this.note(change);
    const record = this.#record;
    this.#writing = this.#writing.catch(() => undefined).then(() => writeRecord(this.directory, record));
    await this.#writing;
  }

  /** When all that was saved is on disk. */
  async written(): Promise<void> {
    await this.#writing;
  }

  /** Work that an answer does not wait for; it must not throw. */
  afterwards(work: Promise<void>): void {
    this.#afterwards = Promise.all([this.#afterwards, work]);
  }

  /** When nothing of this machine is being written any more. */
  async settled(): Promise<void> {
    await this.#afterwards;
    await this.#writing.catch(() => undefined);
  }

  /** From here on the VM's end, whoever causes it, is noticed, recorded and told. */
  adopt(vm: Vm): void {
    this.#vm = vm;
    void this.#watch(vm).catch((error: unknown) => {
      this.#host.log.error({ instanceId: this.instanceId, err: error }, 'cannot record the end of a VM');
    });
  }

  /** Lets the VM run on without this server. */
  release(): void {
    this.#released = true;
    this.#vm?.release();
  }

  status(): MachineStatus {
    return statusOf(this.#record, this.#vm);
  }

  async #watch(vm: Vm): Promise<void> {
    await vm.qmp.closed;
    if (this.#released) return;
    await gone(vm.process, 60_000).catch(() => killQemu(vm.process));
    const end = endOf({
      requested: vm.stopRequested,
      exit: await vm.process.exit,
      killed: await leftPidFile(this.directory),
      said: await qemuSaid(this.directory),
    });
    this.#vm = undefined;
    await this.save({ state: 'stopped', publicAddress: undefined, thawOwed: undefined, ...end });
    vm.markEnded();
    this.#host.changed(this.status());
  }
}

function statusOf(record: MachineRecord, vm: Vm | undefined): MachineStatus {
  const { instanceId, volumes, publicAddress, stopReason, stopDetail } = record;
  if (vm === undefined) {
    return {
      instanceId,
      state: 'stopped',
      volumes,
      ...(stopReason === undefined ? {} : { stopReason }),
      ...(stopDetail === undefined ? {} : { stopDetail }),
    };
  }
  return {
    instanceId,
    state: 'running',
    volumes,
    ...(publicAddress === undefined ? {} : { publicAddress }),
    mappedPorts: vm.forwards
      .filter(({ guestPort, hostPort }) => guestPort !== hostPort)
      .map(({ guestPort, hostPort }) => ({ guestPort, hostPort })),
    closedPorts: vm.closedPorts,
    agent: vm.agentOpen ? 'answering' : 'silent',
  };
}
