/**
 * Blocks kept on this machine, unpacked, in one file of fixed slots. Every page of 4 KiB, and every 64 KiB for long
 * reads, has its CRC-32 in memory and in the index file, and every read checks it: so neither file needs ordered or
 * flushed writes, and whatever does not fit after a crash, a flipped bit or a foreign write is a miss, never an answer.
 */
import { readSync } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Digest, digestAt, digestBytes } from '../format/digest.ts';

export interface BlockCache {
  /** Bytes of blocks that it can hold. */
  readonly capacityBytes: number;
  has(digest: Digest): boolean;
  /** Fills `into` from `offset` of the block; false where the block is not here (any more). */
  read(digest: Digest, offset: number, into: Buffer): boolean;
  /** Keeps a verified block, in the place of one that was not read for long. */
  add(digest: Digest, content: Buffer): Promise<void>;
  readonly blocks: number;
  close(): Promise<void>;
}

export interface BlockCacheOptions {
  readonly directory: string;
  readonly capacityBytes: number;
  readonly blockBytes: number;
}

const largestPageBytes = 4096;
const largestSpanBytes = 65_536;

export async function openBlockCache({
  directory,
  capacityBytes,
  blockBytes,
}: BlockCacheOptions): Promise<BlockCache> {
  const slots = Math.max(1, Math.floor(capacityBytes / blockBytes));
  const pageBytes = Math.min(largestPageBytes, blockBytes);
  const spanBytes = Math.min(largestSpanBytes, blockBytes);
  const pages = blockBytes / pageBytes;
  /** Checksums of a slot: its pages', then its spans'. */
  const sums = pages + blockBytes / spanBytes;
  const bodyBytes = digestBytes + sums * 4;
  const recordBytes = Math.ceil((bodyBytes + 4) / 512) * 512;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const data = await openForBoth(join(directory, 'blocks.data'));
  const index = await openForBoth(join(directory, 'blocks.index'));
  const crcs = new Uint32Array(slots * sums);
  const owner = new Array<Digest | undefined>(slots);
  const slotOf = new Map<Digest, number>();
  const recentlyRead = new Uint8Array(slots);
  const busy = new Set<number>();
  const adding = new Map<Digest, Promise<void>>();
  const scratch = Buffer.allocUnsafeSlow(blockBytes);
  let hand = 0;
  await loadIndex();
  const free = Array.from({ length: slots }, (_, n) => slots - 1 - n).filter(
    (slot) => owner[slot] === undefined,
  );

  async function loadIndex(): Promise<void> {
    const record = Buffer.alloc(recordBytes);
    for (let slot = 0; slot < slots; slot++) {
      const { bytesRead } = await index.read(record, 0, recordBytes, slot * recordBytes);
      if (bytesRead < recordBytes) break;
      const digest = digestAt(record, 0);
      const intact = crc32(record.subarray(0, bodyBytes)) === record.readUInt32LE(bodyBytes);
      if (!intact || slotOf.has(digest)) continue;
      for (let n = 0; n < sums; n++) crcs[slot * sums + n] = record.readUInt32LE(digestBytes + n * 4);
      owner[slot] = digest;
      slotOf.set(digest, slot);
    }
  }

  /** Second chance: a slot that was read since the hand came by last is passed over once. */
  function freeSlot(): number | undefined {
    const unused = free.pop();
    if (unused !== undefined) return unused;
    for (let tried = 0; tried < slots * 2; tried++) {
      const slot = hand;
      hand = (hand + 1) % slots;
      if (busy.has(slot) || owner[slot] === undefined) continue;
      if (recentlyRead[slot] === 0) return slot;
      recentlyRead[slot] = 0;
    }
    return undefined;
  }

  function unname(slot: number): void {
    const digest = owner[slot];
    if (digest !== undefined) slotOf.delete(digest);
    owner[slot] = undefined;
  }

  async function write(digest: Digest, content: Buffer): Promise<void> {
    const slot = freeSlot();
    if (slot === undefined) return;
    unname(slot);
    busy.add(slot);
    try {
      const record = Buffer.alloc(recordBytes);
      record.write(digest, 0, 'hex');
      for (let n = 0; n < sums; n++) {
        const [bytes, from] = n < pages ? [pageBytes, n * pageBytes] : [spanBytes, (n - pages) * spanBytes];
        const crc = crc32(content.subarray(from, from + bytes));
        crcs[slot * sums + n] = crc;
        record.writeUInt32LE(crc, digestBytes + n * 4);
      }
      record.writeUInt32LE(crc32(record.subarray(0, bodyBytes)), bodyBytes);
      await data.write(content, 0, blockBytes, slot * blockBytes);
      await index.write(record, 0, recordBytes, slot * recordBytes);
      owner[slot] = digest;
      slotOf.set(digest, slot);
    } finally {
      busy.delete(slot);
      if (owner[slot] === undefined) free.push(slot);
    }
  }

  /** `from` is the start of a page, and `bytes` whole pages. */
  function intact(slot: number, from: number, bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length; ) {
      const spanned = (from + at) % spanBytes === 0 && bytes.length - at >= spanBytes;
      const length = spanned ? spanBytes : pageBytes;
      const sum = spanned ? pages + (from + at) / spanBytes : (from + at) / pageBytes;
      if (crc32(bytes.subarray(at, at + length)) !== crcs[slot * sums + sum]) return false;
      at += length;
    }
    return true;
  }

  return {
    capacityBytes: slots * blockBytes,
    has: (digest) => slotOf.has(digest),
    read(digest, offset, into) {
      const slot = slotOf.get(digest);
      if (slot === undefined) return false;
      const from = offset - (offset % pageBytes);
      const to = Math.ceil((offset + into.length) / pageBytes) * pageBytes;
      const whole = from === offset && to - from === into.length;
      const pagesRead = whole ? into : scratch.subarray(0, to - from);
      // Synchronous: from the page cache this is a copy, and a hop through the thread pool would cost more.
      const bytesRead = readSync(data.fd, pagesRead, 0, to - from, slot * blockBytes + from);
      if (bytesRead !== to - from || !intact(slot, from, pagesRead)) {
        unname(slot);
        free.push(slot);
        return false;
      }
      if (!whole) scratch.copy(into, 0, offset - from, offset - from + into.length);
      recentlyRead[slot] = 1;
      return true;
    },
    add(digest, content) {
      const known = adding.get(digest);
      if (known !== undefined) return known;
      if (slotOf.has(digest)) return Promise.resolve();
      const task = write(digest, content).finally(() => adding.delete(digest));
      adding.set(digest, task);
      return task;
    },
    get blocks() {
      return slotOf.size;
    },
    async close() {
      await Promise.allSettled(adding.values());
      await data.close();
      await index.close();
    },
  };
}

async function openForBoth(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return await open(file, 'w+', 0o600);
  }
}
