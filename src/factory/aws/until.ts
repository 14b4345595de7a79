/** Waits on a condition, heard by the signal. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Waiting {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  /** Grows from the first to the second. */
  readonly everyMs?: readonly [number, number];
  /** What is waited for, for the message at the deadline: 'instance i-1 to run'. */
  readonly what: string;
}

/** Answers the first value that isn't undefined. Throws at the deadline. */
export async function until<T>(read: () => Promise<T | undefined>, waiting: Waiting): Promise<T> {
  const { signal, deadlineMs, everyMs: [first, last] = [150, 5_000], what } = waiting;
  const deadline = performance.now() + deadlineMs;
  for (let wait = first; ; wait = Math.min(last, wait * 1.3)) {
    signal.throwIfAborted();
    const value = await read();
    if (value !== undefined) return value;
    if (performance.now() > deadline) {
      throw new Error(`Waited ${Math.round(deadlineMs / 1000)} s for ${what}, in vain`);
    }
    await delay(wait, undefined, { signal });
  }
}

/** True for an AWS error of one of these codes. */
export function isCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && codes.includes(error.name);
}
