import { setTimeout as delay } from 'node:timers/promises';

export class DeadlineError extends Error {
  constructor(what: string, deadlineMs: number) {
    super(`${what} took longer than ${deadlineMs} ms`);
    this.name = 'DeadlineError';
  }
}

/** The promise's outcome, or a DeadlineError. The work itself goes on: the caller says what becomes of it. */
export async function within<T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  const timer = Promise.withResolvers<never>();
  const handle = setTimeout(() => timer.reject(new DeadlineError(what, deadlineMs)), deadlineMs);
  try {
    return await Promise.race([promise, timer.promise]);
  } finally {
    clearTimeout(handle);
  }
}

/** Asks until the answer is not undefined. */
export async function until<T>(
  ask: () => Promise<T | undefined> | T | undefined,
  options: { readonly deadlineMs: number; readonly everyMs?: number; readonly what: string },
): Promise<T> {
  const end = performance.now() + options.deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() >= end) throw new DeadlineError(options.what, options.deadlineMs);
    await delay(options.everyMs ?? 5);
  }
}
