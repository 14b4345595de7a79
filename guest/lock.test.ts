import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from './lock.ts';

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'));
  file = join(directory, '.lock');
});

afterEach(() => rm(directory, { recursive: true, force: true }));

test('lets one in at a time', async () => {
  let inside = 0;
  let most = 0;
  const enter = () =>
    withLock(file, undefined, async () => {
      inside += 1;
      most = Math.max(most, inside);
      await setTimeout(20);
      inside -= 1;
    });
  await Promise.all([enter(), enter(), enter()]);
  expect(most).toBe(1);
});

test('is free again after the work has failed', async () => {
  await expect(withLock(file, undefined, () => Promise.reject(new Error('broke')))).rejects.toThrow('broke');
  expect(await withLock(file, undefined, async () => 'in')).toBe('in');
});

test('is free again after its holder was killed', async () => {
  const holding = `import { withLock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    await withLock(${JSON.stringify(file)}, undefined, async () => { console.log('held'); await new Promise((r) => setTimeout(r, 60000)); });`;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', holding], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  holder.kill('SIGKILL');
  expect(await withLock(file, undefined, async () => 'in')).toBe('in');
});

test('stops waiting when it is told to', async () => {
  const stop = new AbortController();
  await withLock(file, undefined, async () => {
    const waiting = withLock(file, stop.signal, async () => 'in');
    stop.abort();
    await expect(waiting).rejects.toThrow();
  });
});
