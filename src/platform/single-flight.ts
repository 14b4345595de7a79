/** Runs work once per key at a time; who asks while it runs gets the same answer. */
export interface SingleFlight {
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Waits until nothing is running. */
  settled(): Promise<void>;
}

export function singleFlight(): SingleFlight {
  const running = new Map<string, Promise<unknown>>();
  return {
    run<T>(key: string, work: () => Promise<T>): Promise<T> {
      const known = running.get(key);
      if (known !== undefined) return known as Promise<T>;
      const started = work().finally(() => running.delete(key));
      running.set(key, started);
      return started;
    },
    async settled() {
      await Promise.allSettled(running.values());
    },
  };
}
