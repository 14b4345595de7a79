/**
 * The threads that hash, compress and unpack. Slots are a fixed stretch of shared memory: who has no slot waits, so
 * memory is bounded whatever the size of a disk.
 */
import { largestChunkBytes } from '../format/chunk.ts';
import type { Digest } from '../format/digest.ts';
import { fullLeafBytes, type Geometry } from '../format/geometry.ts';
import { type SlotBuffers, slotsIn } from './block-work.ts';
import { inThisThread, inThreads } from './crew.ts';
import type { KeepBlock, KeptBlock } from './keep-block.ts';

export interface Slot extends SlotBuffers {
  readonly number: number;
  release(): void;
}

export interface BlockWorkers {
  readonly slots: number;
  takeSlot(): Promise<Slot>;
  hash(slot: Slot, length: number): Promise<Digest | undefined>;
  encode(slot: Slot, length: number, digest: Digest, edition?: bigint): Promise<Buffer>;
  /** Hashes it, and stores it in a folder where that lacks it. */
  keep(slot: Slot, length: number, where: KeepBlock): Promise<KeptBlock>;
  /** `chunk` moves to the thread: the caller may not use it again. */
  decode(chunk: Buffer, digest: Digest, options: { readonly verify: boolean }): Promise<Buffer>;
  close(): Promise<void>;
}

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
    keep: (slot, length, where) => crew.run({ kind: 'keep', slot: slot.number, length, ...where }),
    async decode(chunk, digest, { verify }) {
      // What shares its memory with other buffers (Node's pool) can't move.
      const alone = chunk.length === chunk.buffer.byteLength ? chunk : new Uint8Array(chunk);
      const content = await crew.run({ kind: 'decode', chunk: alone, digest, verify });
      return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
    },
    close: crew.close,
  };
}
