/** Runs `work` over the items, at most `width` at a time; the first failure stops taking new ones and is thrown. */
export async function inParallel<T>(
  width: number,
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const failures: unknown[] = [];
  async function takeAndWork(): Promise<void> {
    try {
      while (failures.length === 0) {
        const taken = await iterator.next();
        if (taken.done === true) return;
        await work(taken.value);
      }
    } catch (error) {
      failures.push(error);
    }
  }
  await Promise.all(Array.from({ length: width }, takeAndWork));
  if (failures.length === 0) return;
  await iterator.return?.();
  throw failures[0];
}

/** At most `width` callers inside at once; the rest wait in order. */
export function gate(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (inside >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) inside--;
      else next();
    }
  };
}
