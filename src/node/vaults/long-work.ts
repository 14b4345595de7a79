/**
 * Work that outlives a request, followed by asking: the first ask begins it, each tells how far it is. A failure is
 * told once, and the next ask tries again; what is complete stays so until it is forgotten.
 */
export type WorkStatus<P extends object> = P & {
  readonly state: 'running' | 'completed' | 'failed';
  readonly reason?: string;
};

/** Does the work, telling its progress on the way; answers the last of it. */
export type Work<P extends object> = (signal: AbortSignal, progress: (now: P) => void) => Promise<P>;

export interface LongWork<P extends object> {
  /** Undefined where nobody has asked yet. */
  status(key: string): WorkStatus<P> | undefined;
  begin(key: string, initial: P, work: Work<P>): WorkStatus<P>;
  /** Settles when it rests; at once where nothing is under way. */
  rests(key: string): Promise<void>;
  /** Stops it, and forgets it when it has stopped. */
  forget(key: string): Promise<void>;
  /** Stops everything. */
  close(): Promise<void>;
}

interface Entry<P extends object> {
  status: WorkStatus<P>;
  readonly stop: AbortController;
  readonly rests: Promise<void>;
}

export function longWork<P extends object>(failed: (key: string, error: unknown) => string): LongWork<P> {
  const entries = new Map<string, Entry<P>>();

  async function forget(key: string): Promise<void> {
    const entry = entries.get(key);
    entry?.stop.abort();
    await entry?.rests;
    if (entries.get(key) === entry) entries.delete(key);
  }

  return {
    status(key) {
      const status = entries.get(key)?.status;
      if (status?.state === 'failed') entries.delete(key);
      return status;
    },
    begin(key, initial, work) {
      const stop = new AbortController();
      const done = Promise.withResolvers<void>();
      const entry: Entry<P> = { status: { ...initial, state: 'running' }, stop, rests: done.promise };
      entries.set(key, entry);
      const progress = (now: P) => {
        entry.status = { ...now, state: 'running' };
      };
      void work(stop.signal, progress).then(
        (last) => {
          entry.status = { ...last, state: 'completed' };
          done.resolve();
        },
        (error: unknown) => {
          const reason = stop.signal.aborted ? 'it was cancelled' : failed(key, error);
          entry.status = { ...entry.status, state: 'failed', reason };
          done.resolve();
        },
      );
      return entry.status;
    },
    rests: async (key) => await entries.get(key)?.rests,
    forget,
    async close() {
      await Promise.all([...entries.keys()].map(forget));
    },
  };
}
