import { expect, test } from 'vitest';
import { bar, progressBar } from './progress-bar.ts';

const gib = 1024 ** 3;

test('a bar tells bytes, and what is left by their rate', () => {
  const text = progressBar({ percent: 75, bytes: 3 * gib, total: 4 * gib }, 9_000);
  expect(text).toBe(`${'█'.repeat(18)}${'░'.repeat(6)} 75%  3.0 of 4.0 GiB, 3.0 s left`);
});

test('nothing is left to tell before the first byte and after the last', () => {
  expect(progressBar({ percent: 0, bytes: 0, total: gib }, 500)).toMatch(/ 0% {2}0\.0 of 1\.0 GiB$/);
  expect(progressBar({ percent: 100, bytes: gib, total: gib }, 500)).toMatch(/ 100% {2}1\.0 of 1\.0 GiB$/);
  expect(bar(100)).toBe('█'.repeat(24));
});
