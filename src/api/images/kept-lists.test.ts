import { beforeEach, expect, test } from 'vitest';
import { type KeptLists, keepLists } from './kept-lists.ts';

let now: number;
let reads: number;
let lists: KeptLists<number>;
beforeEach(() => {
  now = 0;
  reads = 0;
  lists = keepLists(() => new Date(now));
});

const page = (isFirst: boolean, question = 'all') => lists.list(question, isFirst, async () => ++reads);

test('pages after the first are of its reading; a first page reads anew', async () => {
  expect([await page(true), await page(false), await page(false)]).toEqual([1, 1, 1]);
  expect([await page(true), await page(false)]).toEqual([2, 2]);
});

test('another question has a reading of its own', async () => {
  expect([await page(true), await page(false, 'web'), await page(false)]).toEqual([1, 2, 1]);
});

test('who walks on after a minute reads anew, and so does who finds too many others walking', async () => {
  await page(true);
  now += 60_001;
  expect(await page(false)).toBe(2);
  for (const other of ['a', 'b', 'c', 'd']) await page(true, other);
  expect(await page(false)).toBe(7);
});
