/** Asks at an interval until the machine is ready, or no attempt or time is left. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Readiness } from '../templates/template.ts';

export interface Attempts {
  /** How many were made before, by a process that ended. */
  readonly made: number;
  /** When it was first asked, or would have been: the deadline counts from here. Milliseconds since 1970. */
  readonly since: number;
  readonly now: () => number;
  /** Undefined where it is ready. */
  ask(): Promise<string | undefined>;
  /** Told after each attempt; it is written down before the next. */
  onAttempt(attempt: number, problem: string | undefined): Promise<void>;
  readonly signal: AbortSignal;
}

export type ReadinessTimes = Pick<Readiness, 'intervalMs' | 'attempts' | 'delayMs' | 'deadlineMs'>;

/** Answers how many attempts it took. Throws with the last problem where it never is ready. */
export async function awaitReady(
  { intervalMs, attempts, delayMs, deadlineMs = Number.POSITIVE_INFINITY }: ReadinessTimes,
  { made, since, now, ask, onAttempt, signal }: Attempts,
): Promise<number> {
  const firstIn = since + delayMs - now();
  if (made === 0 && firstIn > 0) await delay(firstIn, undefined, { signal });
  for (let attempt = made + 1; ; attempt += 1) {
    const began = now();
    const problem = await ask();
    signal.throwIfAborted();
    await onAttempt(attempt, problem);
    if (problem === undefined) return attempt;
    const late = now() - since >= deadlineMs;
    if (attempt >= attempts || late) {
      const bound = late ? `its deadline of ${deadlineMs / 1000} s` : `${attempt} attempts`;
      throw new Error(`It is not ready after ${bound}: ${problem}`);
    }
    await delay(Math.max(0, began + intervalMs - now()), undefined, { signal });
  }
}
