import type { StepContext } from '../../platform/workflows/workflow.ts';
import { isCode, until } from './until.ts';

const roomDeadlineMs = 60 * 60_000;
const full = ['InsufficientInstanceCapacity', 'InstanceLimitExceeded', 'VcpuLimitExceeded'];

/** Other machines end, often those of runs beside this one: a full target is waited for. */
export async function whenThereIsRoom<T>(
  context: Pick<StepContext<unknown, unknown>, 'signal' | 'tell'>,
  ask: () => Promise<T>,
): Promise<T> {
  const attempt = async () => {
    try {
      return await ask();
    } catch (error) {
      if (!isCode(error, ...full)) throw error;
      context.tell({ type: 'waiting', check: 'capacity', text: (error as Error).message });
      return undefined;
    }
  };
  const what = 'room for the machine on the target';
  return await until(attempt, {
    signal: context.signal,
    deadlineMs: roomDeadlineMs,
    everyMs: [1_000, 30_000],
    what,
  });
}
