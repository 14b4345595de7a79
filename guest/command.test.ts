import { expect, test } from 'vitest';
import { run } from './command.ts';

test('returns what a program printed, given its input', async () => {
  expect(await run('cat', [], { input: 'in and out' })).toBe('in and out');
});

test('fails with the command, its status and the last of its errors', async () => {
  await expect(run('sh', ['-c', 'echo broken pipe wrench >&2; exit 3'])).rejects.toThrow(
    /^sh -c .* ended with 3: broken pipe wrench$/,
  );
});

test('names a program that is not installed', async () => {
  await expect(run('no-such-program', [])).rejects.toThrow(/no-such-program/);
});

test('ends the program when it is told to stop', async () => {
  const stop = new AbortController();
  const running = run('sleep', ['60'], { signal: stop.signal });
  stop.abort();
  await expect(running).rejects.toThrow(/abort/i);
});
