import type { MachineStatus } from '../contract.ts';
import type { QemuExit } from '../qemu/process.ts';

/** Why a VM's process ended, from what it left behind. `exit` is unknown for one that an earlier server started. */
export function endOf(trace: {
  readonly requested: boolean;
  readonly exit: QemuExit | undefined;
  /** Its pid file is still there, which it removes when it ends by itself. */
  readonly killed: boolean;
  readonly said: string;
}): { readonly stopReason: MachineStatus['stopReason']; readonly stopDetail: string | undefined } {
  if (trace.requested) return { stopReason: 'requested', stopDetail: undefined };
  const { exit } = trace;
  const clean = exit === undefined ? !trace.killed : exit.status === 0;
  if (clean) return { stopReason: 'guest-shutdown', stopDetail: 'the guest shut down' };
  const how =
    exit === undefined
      ? 'qemu was killed'
      : exit.signal === null
        ? `qemu exited with status ${exit.status}`
        : `qemu was killed by ${exit.signal}`;
  return { stopReason: 'crashed', stopDetail: trace.said === '' ? how : `${how}: ${trace.said}` };
}
