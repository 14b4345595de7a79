/** Work under one key goes one after the other, in order of arrival; different keys do not wait. */
export interface KeyedQueue {
  run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
}

export function keyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
      const before = Promise.all(keys.map((key) => tails.get(key)));
      const mine = before.then(work);
      const tail = mine.catch(() => undefined);
      for (const key of keys) tails.set(key, tail);
      try {
        return await mine;
      } finally {
        for (const key of keys) if (tails.get(key) === tail) tails.delete(key);
      }
    },
  };
}
