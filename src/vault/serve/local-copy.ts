/**
 * A snapshot's blocks in a file of this machine, in the places that they have in the finished disk. Which are here
 * stands in a map beside it, written only after the blocks are on disk: what a crash loses is fetched again.
 */
import { constants, readSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { isZero } from '../format/chunk.ts';
import { digestBytes, digestOf } from '../format/digest.ts';
import { storedBlocksOf } from '../format/manifest.ts';
import type { OpenSnapshot } from '../read/open-snapshot.ts';
import { copyLayout } from './copy-layout.ts';
import { writeTables } from './copy-tables.ts';

export interface LocalCopy {
  readonly blocksHere: number;
  readonly blocksTotal: number;
  /** Loads what the others need to know of the block's place. */
  locate(block: number): Promise<void>;
  has(block: number): boolean;
  /** Fills `into` from `offset` of the block; false where the block is not here. */
  read(block: number, offset: number, into: Buffer): boolean;
  /** Keeps a verified block. */
  add(block: number, content: Buffer): Promise<void>;
  /** All blocks are here: makes the file a qcow2 disk, on disk when it answers. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** Blocks are flushed, and the map after them, each time that so much has come. */
const saveEveryBytes = 64 * 1024 * 1024;

export function mapOf(file: string): string {
  return `${file}.map`;
}

/** Goes on with what an earlier process has copied. With `whole`, the file is finished. */
export async function openLocalCopy(
  path: string,
  snapshot: OpenSnapshot,
  { whole }: { readonly whole: boolean },
): Promise<LocalCopy> {
  const { manifest } = snapshot;
  const { blockBytes, leafEntries } = manifest;
  const layout = copyLayout(manifest);
  const blocksTotal = storedBlocksOf(manifest);
  const here = Buffer.alloc(Math.ceil(blocksTotal / 8), whole ? 0xff : 0);
  let blocksHere = whole ? blocksTotal : 0;
  /** Of the first stored block of each leaf, among all stored blocks. */
  const firstOfLeaf = new Map<number, number>();
  let before = 0;
  for (const { index, blocks } of manifest.leaves) {
    firstOfLeaf.set(index, before);
    before += blocks;
  }
  /** Of each leaf's entries, their number among all stored blocks; -1 for a hole. */
  const numbers = new Map<number, Int32Array>();
  const adding = new Map<number, Buffer>();
  const adds = new Set<Promise<void>>();
  const data = whole ? await open(path, 'r') : await openForBoth(path);
  const map = whole ? undefined : await openMap();
  let unsavedBytes = 0;

  async function openMap(): Promise<FileHandle> {
    const file = await openForBoth(mapOf(path));
    const owner = Buffer.from(digestOf(snapshot.manifestBytes), 'hex');
    const known = Buffer.alloc(digestBytes + here.length);
    const { bytesRead } = await file.read(known, 0, known.length, 0);
    if (bytesRead === known.length && known.subarray(0, digestBytes).equals(owner)) {
      known.copy(here, 0, digestBytes);
      for (let n = 0; n < blocksTotal; n++) if (isHere(n)) blocksHere++;
      return file;
    }
    // Nobody's, or another snapshot's: what lies in the data file is worth nothing.
    await data.truncate(0);
    await file.truncate(0);
    await file.write(Buffer.concat([owner, here]), 0, known.length, 0);
    return file;
  }

  function isHere(number: number): boolean {
    return (((here[number >> 3] ?? 0) >> (number & 7)) & 1) === 1;
  }

  /** Undefined while the leaf has not been located. */
  function numberOf(block: number): number | undefined {
    return numbers.get(Math.floor(block / leafEntries))?.[block % leafEntries];
  }

  async function locate(block: number): Promise<void> {
    const leafIndex = Math.floor(block / leafEntries);
    let next = firstOfLeaf.get(leafIndex);
    if (next === undefined || numbers.has(leafIndex)) return;
    const leaf = (await snapshot.leaf(leafIndex)) ?? [];
    const found = new Int32Array(leafEntries).fill(-1);
    for (const [entry, digest] of leaf.entries()) if (digest !== undefined) found[entry] = next++;
    numbers.set(leafIndex, found);
  }

  async function save(): Promise<void> {
    unsavedBytes = 0;
    const state = Buffer.from(here);
    await data.datasync();
    await map?.write(state, 0, state.length, digestBytes);
  }

  async function keep(block: number, content: Buffer): Promise<void> {
    await locate(block);
    const number = numberOf(block);
    if (number === undefined || number < 0 || isHere(number) || adding.has(block)) return;
    adding.set(block, content);
    try {
      const place = layout.dataOffset + number * blockBytes;
      for (let at = 0; at < blockBytes; at += layout.clusterBytes) {
        const part = content.subarray(at, at + layout.clusterBytes);
        if (!isZero(part)) await data.write(part, 0, part.length, place + at);
      }
      here[number >> 3] = (here[number >> 3] ?? 0) | (1 << (number & 7));
      blocksHere++;
    } finally {
      adding.delete(block);
    }
    unsavedBytes += blockBytes;
    if (unsavedBytes >= saveEveryBytes) await save();
  }

  return {
    blocksTotal,
    get blocksHere() {
      return blocksHere;
    },
    locate,
    has(block) {
      const number = numberOf(block);
      return number !== undefined && number >= 0 && isHere(number);
    },
    read(block, offset, into) {
      const arriving = adding.get(block);
      if (arriving !== undefined) return arriving.copy(into, 0, offset, offset + into.length) === into.length;
      const number = numberOf(block);
      if (number === undefined || number < 0 || !isHere(number)) return false;
      // Synchronous: from the page cache this is a copy, and a hop through the thread pool would cost more.
      const bytes = readSync(data.fd, into, 0, into.length, layout.dataOffset + number * blockBytes + offset);
      // What lies past the end was zeros, and never written.
      into.fill(0, bytes);
      return true;
    },
    async add(block, content) {
      const kept = keep(block, content);
      adds.add(kept);
      await kept.finally(() => adds.delete(kept));
    },
    async finish() {
      await save();
      await writeTables(data, layout, snapshot);
      await data.sync();
    },
    async close() {
      // Nobody waits for what a reader already has, but it is here.
      await Promise.allSettled(adds);
      if (map !== undefined) await save();
      await data.close();
      await map?.close();
    },
  };
}

async function openForBoth(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
}

export async function removeLocalCopy(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(mapOf(path), { force: true });
}
