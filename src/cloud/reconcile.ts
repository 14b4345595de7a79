/**
 * Drives rows to their final state. It takes no input but the rows: a request writes what it wants and wakes
 * it, a crash leaves rows that the next start finds, and both take the same way. A pass starts what is to be
 * done and does not wait for it, so that one slow machine holds up nobody.
 */
import type { Cloud } from './cloud.ts';

export interface Pass {
  readonly name: string;
  readonly run: (cloud: Cloud) => Promise<void>;
}

export interface Reconciler {
  wake(): void;
  close(): Promise<void>;
}

export function startReconciler(cloud: Cloud, passes: readonly Pass[]): Reconciler {
  let closed = false;
  let wanted = true;
  let notice: () => void = () => undefined;

  const lookAgain = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, cloud.config.reconcileIntervalMs);
      notice = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const loop = async () => {
    while (!closed) {
      wanted = false;
      for (const pass of passes) await attempt(cloud, pass);
      if (!wanted && !closed) await lookAgain();
    }
  };

  const running = loop();
  const wake = () => {
    wanted = true;
    notice();
  };
  return {
    wake,
    async close() {
      closed = true;
      notice();
      await running;
      await cloud.flights.settled();
    },
  };
}

async function attempt(cloud: Cloud, pass: Pass): Promise<void> {
  try {
    await pass.run(cloud);
  } catch (error) {
    cloud.log.error({ err: error, pass: pass.name }, 'a reconciling pass failed; it runs again');
  }
}

/** Starts the driver of one row unless it is under way; what it throws is logged, and the next pass tries again. */
export function drive(cloud: Cloud, key: string, work: () => Promise<void>): void {
  cloud.flights.run(key, work).catch((error: unknown) => {
    cloud.log.warn({ err: error, row: key }, 'a row could not be driven on; it is tried again');
  });
}
