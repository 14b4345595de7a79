/** At most `width` at work; the rest wait in order, and who is cancelled while waiting leaves at once. */
export type TakeTurn = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

export function turns(width: number): TakeTurn {
  let inside = 0;
  const waiting = new Set<() => void>();

  async function enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (inside < width) {
      inside++;
      return;
    }
    // Whoever leaves hands the place on, so the count stays.
    await new Promise<void>((resolve, reject) => {
      waiting.add(resolve);
      signal.addEventListener(
        'abort',
        () => {
          if (waiting.delete(resolve)) reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  function leave(): void {
    const [next] = waiting;
    if (next === undefined) inside--;
    else {
      waiting.delete(next);
      next();
    }
  }

  return async (signal, work) => {
    await enter(signal);
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
