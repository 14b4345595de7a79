import { randomBytes } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../format/digest.ts';
import { openBlockCache } from './block-cache.ts';

const blockBytes = 16 * 1024;
const blocks = Array.from({ length: 12 }, () => randomBytes(blockBytes)).map((content) => ({
  content,
  digest: digestOf(content),
}));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-cache-'));
});
afterEach(() => rm(directory, { recursive: true }));

const openWith = (slots: number) =>
  openBlockCache({ directory, capacityBytes: slots * blockBytes, blockBytes });

test('gives back any part of what was added, also after a restart', async () => {
  const first = await openWith(12);
  for (const { digest, content } of blocks) await first.add(digest, content);
  await first.close();
  const cache = await openWith(12);
  expect(cache.blocks).toBe(12);
  for (const { digest, content } of blocks) {
    for (const [from, length] of [
      [0, blockBytes],
      [4096, 4096],
      [100, 9000],
      [blockBytes - 1, 1],
    ] as const) {
      const into = Buffer.alloc(length);
      expect(cache.read(digest, from, into)).toBe(true);
      expect(into.equals(content.subarray(from, from + length))).toBe(true);
    }
  }
  await cache.close();
});

test('never holds more than its capacity, uses free room first, and keeps what is read', async () => {
  const cache = await openWith(4);
  for (const { digest, content } of blocks.slice(0, 3)) await cache.add(digest, content);
  expect(cache.blocks).toBe(3);
  const kept = blocks[1]?.digest ?? digestOf(Buffer.alloc(0));
  for (const { digest, content } of blocks.slice(3)) {
    expect(cache.read(kept, 0, Buffer.alloc(10))).toBe(true);
    await cache.add(digest, content);
  }
  expect(cache.blocks).toBe(4);
  expect(cache.has(kept)).toBe(true);
  await cache.close();
});

test('a restart with free room evicts nothing', async () => {
  const first = await openWith(6);
  for (const { digest, content } of blocks.slice(0, 3)) await first.add(digest, content);
  await first.close();
  const cache = await openWith(6);
  for (const { digest, content } of blocks.slice(3, 6)) await cache.add(digest, content);
  expect(blocks.slice(0, 6).every(({ digest }) => cache.has(digest))).toBe(true);
  await cache.close();
});

test('damage, in the data or in the index, is a miss', async () => {
  const first = await openWith(12);
  for (const { digest, content } of blocks) await first.add(digest, content);
  await first.close();
  for (const [file, at] of [
    ['blocks.data', 5000],
    ['blocks.index', 40],
  ] as const) {
    const handle = await open(join(directory, file), 'r+');
    await handle.write(Buffer.from([0, 1, 2, 3]), 0, 4, at);
    await handle.close();
  }
  const cache = await openWith(12);
  const into = Buffer.alloc(blockBytes);
  const missing = blocks.filter(
    ({ digest, content }) => !cache.read(digest, 0, into) || !into.equals(content),
  );
  expect(missing.length).toBeGreaterThanOrEqual(1);
  expect(missing.every(({ digest }) => !cache.has(digest))).toBe(true);
  expect(missing.length + cache.blocks).toBe(12);
  await cache.close();
});
