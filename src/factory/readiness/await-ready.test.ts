import { expect, test } from 'vitest';
import { type Attempts, awaitReady } from './await-ready.ts';

const times = { intervalMs: 1, attempts: 3, delayMs: 0 };

/** Ready at this attempt. */
function asked(readyAt: number, made = 0) {
  const told: [number, string | undefined][] = [];
  let attempt = made;
  const attempts: Attempts = {
    made,
    since: 0,
    now: () => attempt * 1000,
    ask: async () => {
      attempt += 1;
      return attempt >= readyAt ? undefined : 'not yet';
    },
    onAttempt: async (...each) => void told.push(each),
    signal: new AbortController().signal,
  };
  return { attempts, told };
}

test('every attempt is told, up to the one that is ready', async () => {
  const { attempts, told } = asked(2);
  expect(await awaitReady(times, attempts)).toBe(2);
  expect(told).toEqual([
    [1, 'not yet'],
    [2, undefined],
  ]);
});

test('after its attempts it ends with the last problem', async () => {
  await expect(awaitReady(times, asked(9).attempts)).rejects.toThrow('not ready after 3 attempts: not yet');
});

test('attempts that an earlier process made count', async () => {
  const { attempts, told } = asked(9, 2);
  await expect(awaitReady(times, attempts)).rejects.toThrow('after 3 attempts');
  expect(told).toHaveLength(1);
});

test('the deadline ends it before its attempts are used up', async () => {
  const { attempts } = asked(9);
  await expect(awaitReady({ ...times, attempts: 100, deadlineMs: 2_000 }, attempts)).rejects.toThrow(
    'its deadline of 2 s',
  );
});
