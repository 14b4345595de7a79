/** Who runs the tasks of `block-workers.ts`: threads, or the caller. */
import { Worker } from 'node:worker_threads';
import { VaultError, type VaultErrorKind } from '../errors.ts';
import { type BlockAnswers, type BlockTask, runBlockTask, type SlotBuffers } from './block-work.ts';

type Run = <T extends BlockTask>(task: T) => Promise<BlockAnswers[T['kind']]>;

export interface Crew {
  readonly run: Run;
  close(): Promise<void>;
}

export function inThisThread(slots: () => readonly SlotBuffers[], frameBytes: number): Crew {
  return {
    run: async (task) => (await runBlockTask(task, slots(), frameBytes)) as never,
    close: async () => undefined,
  };
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly failure?: Failure;
}

/** An error on its way between threads. `code` is the system's: 'ENOSPC'. */
interface Failure {
  readonly kind?: VaultErrorKind;
  readonly code?: string;
  readonly message: string;
}

export function inThreads(count: number, data: () => unknown): Crew {
  const pending = new Map<
    number,
    { resolve(answer: unknown): void; reject(error: Error): void; worker: Worker }
  >();
  const load = new Map<Worker, number>();
  let lastId = 0;

  function start(): Worker {
    const file = import.meta.url.endsWith('.ts') ? './block-thread.ts' : './block-thread.js';
    const worker = new Worker(new URL(file, import.meta.url), { workerData: data() });
    worker.unref();
    load.set(worker, 0);
    worker.on('message', ({ id, answer, failure }: Reply) => {
      const task = pending.get(id);
      pending.delete(id);
      settle(worker);
      if (failure === undefined) task?.resolve(answer);
      else task?.reject(errorOf(failure));
    });
    worker.on('error', (cause) => fail(worker, cause));
    worker.on('exit', () => fail(worker, undefined));
    return worker;
  }

  function settle(worker: Worker): void {
    const left = (load.get(worker) ?? 1) - 1;
    load.set(worker, left);
    if (left === 0) worker.unref();
  }

  function fail(worker: Worker, cause: Error | undefined): void {
    load.delete(worker);
    for (const [id, task] of pending) {
      if (task.worker !== worker) continue;
      pending.delete(id);
      task.reject(new Error('A worker thread of the vault ended in the middle of its work', { cause }));
    }
  }

  const run: Run = (task) =>
    new Promise((resolve, reject) => {
      const idle = [...load].find(([, tasks]) => tasks === 0)?.[0];
      const worker = idle ?? (load.size < count ? start() : leastLoaded(load));
      const id = ++lastId;
      pending.set(id, { resolve: resolve as (answer: unknown) => void, reject, worker });
      load.set(worker, (load.get(worker) ?? 0) + 1);
      worker.ref();
      const moved = task.kind === 'decode' ? [task.chunk.buffer as ArrayBuffer] : [];
      worker.postMessage({ id, task }, moved);
    });

  return {
    run,
    async close() {
      await Promise.all([...load.keys()].map((worker) => worker.terminate()));
    },
  };
}

function errorOf({ kind, code, message }: Failure): Error {
  if (kind !== undefined) return new VaultError(kind, message);
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

function leastLoaded(load: ReadonlyMap<Worker, number>): Worker {
  const [first] = [...load].sort(([, a], [, b]) => a - b);
  if (first === undefined) throw new Error('The vault has no worker threads');
  return first[0];
}
