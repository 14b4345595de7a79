/**
 * The threads that hash, compress and unpack. Slots are a fixed stretch of shared memory: who has no slot waits, so
 * memory is bounded whatever the size of a disk.
 */
import { Worker } from 'node:worker_threads';
import { VaultError, type VaultErrorKind } from '../errors.ts';
import { largestChunkBytes } from '../format/chunk.ts';
import type { Digest } from '../format/digest.ts';
import { fullLeafBytes, type Geometry } from '../format/geometry.ts';
import { type BlockAnswers, type BlockTask, runBlockTask, type SlotBuffers, slotsIn } from './block-work.ts';

export interface Slot extends SlotBuffers {
  readonly number: number;
  release(): void;
}

export interface BlockWorkers {
  readonly slots: number;
  takeSlot(): Promise<Slot>;
  hash(slot: Slot, length: number): Promise<Digest | undefined>;
  encode(slot: Slot, length: number, digest: Digest, edition?: bigint): Promise<Buffer>;
  /** `chunk` moves to the thread: the caller may not use it again. */
  decode(chunk: Buffer, digest: Digest, options: { readonly verify: boolean }): Promise<Buffer>;
  close(): Promise<void>;
}

type Run = <T extends BlockTask>(task: T) => Promise<BlockAnswers[T['kind']]>;

export interface BlockWorkersOptions {
  readonly geometry: Geometry;
  /** 0 works in the calling thread. */
  readonly threads: number;
  readonly slots: number;
  readonly niceness: number;
}

export function blockWorkers({
  geometry,
  threads,
  slots: count,
  niceness,
}: BlockWorkersOptions): BlockWorkers {
  const contentBytes = Math.ceil(Math.max(geometry.blockBytes, fullLeafBytes(geometry)) / 4096) * 4096;
  const slotBytes = contentBytes + largestChunkBytes(contentBytes, geometry.frameBytes);
  // Made at first use: a vault that only reads never pays for it.
  let memory: SharedArrayBuffer | undefined;
  let buffers: readonly SlotBuffers[] = [];
  const free: number[] = [];
  const waiting: ((slot: number) => void)[] = [];

  function shared(): SharedArrayBuffer {
    if (memory === undefined) {
      memory = new SharedArrayBuffer(count * slotBytes);
      buffers = slotsIn(memory, slotBytes, contentBytes);
      for (let n = count - 1; n >= 0; n--) free.push(n);
    }
    return memory;
  }

  const crew =
    threads === 0
      ? inThisThread(() => buffers, geometry.frameBytes)
      : inThreads(threads, () => ({
          memory: shared(),
          slotBytes,
          contentBytes,
          frameBytes: geometry.frameBytes,
          niceness,
        }));

  function slotOf(number: number): Slot {
    const own = buffers[number];
    if (own === undefined) throw new Error(`There is no slot ${number}`);
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      const next = waiting.shift();
      if (next === undefined) free.push(number);
      else next(number);
    };
    return { ...own, number, release };
  }

  return {
    slots: count,
    async takeSlot() {
      shared();
      return slotOf(free.pop() ?? (await new Promise<number>((resolve) => waiting.push(resolve))));
    },
    hash: (slot, length) => crew.run({ kind: 'hash', slot: slot.number, length }),
    async encode(slot, length, digest, edition = 0n) {
      const bytes = await crew.run({ kind: 'encode', slot: slot.number, length, digest, edition });
      return slot.chunk.subarray(0, bytes);
    },
    async decode(chunk, digest, { verify }) {
      // What shares its memory with other buffers (Node's pool) can't move.
      const alone = chunk.length === chunk.buffer.byteLength ? chunk : new Uint8Array(chunk);
      const content = await crew.run({ kind: 'decode', chunk: alone, digest, verify });
      return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    },
    close: crew.close,
  };
}

interface Crew {
  readonly run: Run;
  close(): Promise<void>;
}

function inThisThread(slots: () => readonly SlotBuffers[], frameBytes: number): Crew {
  return {
    run: async (task) => runBlockTask(task, slots(), frameBytes) as never,
    close: async () => undefined,
  };
}

interface Reply {
  readonly id: number;
  readonly answer?: unknown;
  readonly failure?: { readonly kind?: VaultErrorKind; readonly message: string };
}

function inThreads(count: number, data: () => unknown): Crew {
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
      else
        task?.reject(
          failure.kind === undefined
            ? new Error(failure.message)
            : new VaultError(failure.kind, failure.message),
        );
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

function leastLoaded(load: ReadonlyMap<Worker, number>): Worker {
  const [first] = [...load].sort(([, a], [, b]) => a - b);
  if (first === undefined) throw new Error('The vault has no worker threads');
  return first[0];
}
