import { expect, test } from 'vitest';
import type { RunStep } from '../../platform/workflows/workflow.ts';
import { remainingMs } from './remaining.ts';

const input = {
  capture: { way: 'running' },
  prove: true,
  copyTo: [],
  share: { accounts: [], public: false },
};
const began = '2026-01-01T00:00:00.000Z';
const now = new Date('2026-01-01T00:00:30.000Z');
const done = (name: string): RunStep => ({ name, state: 'done', startedAt: began, ms: 1 });
const image: RunStep = { name: 'image', state: 'running', startedAt: began };
const steps = [done('base'), done('taken'), image];
const usual = new Map([
  ['image', 100_000],
  ['proof access', 500],
  ['proof machine', 500],
  ['proof', 20_000],
  ['packages', 1_000],
  ['proof machine removed', 1_000],
  ['copies', 60_000],
]);
const proving = 23_000;

test('what is left of the image goes by the rate of its own bytes', () => {
  expect(remainingMs({ input, steps }, usual, { percent: 75, now })).toBe(10_000 + proving);
});

test('without bytes it goes by what earlier creations took, for the steps that this one has', () => {
  expect(remainingMs({ input, steps }, usual, { percent: undefined, now })).toBe(70_000 + proving);
});

test('where a step that is left was never taken before, nothing is told', () => {
  const unproven = new Map([['image', 100_000]]);
  expect(remainingMs({ input, steps }, unproven, { percent: 75, now })).toBeUndefined();
});
