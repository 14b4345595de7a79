/** Does something now and then: at once, and again so long after it ended. Never twice at a time. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Repetition {
  /** Interrupts what runs and waits for it. */
  close(): Promise<void>;
}

export function repeat(parts: {
  readonly everyMs: number;
  work(signal: AbortSignal): Promise<void>;
  onError(error: unknown): void;
}): Repetition {
  const controller = new AbortController();
  const { signal } = controller;
  const ended = (async () => {
    while (!signal.aborted) {
      await parts.work(signal).catch((error: unknown) => {
        if (!signal.aborted) parts.onError(error);
      });
      await delay(parts.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    close: async () => {
      controller.abort('closing');
      await ended;
    },
  };
}
