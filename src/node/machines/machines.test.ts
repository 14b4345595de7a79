import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LayerId } from '../../platform/ids.ts';
import { longestChain, planShortening } from '../disks/shorten-chain.ts';
import { endOf } from './end-reason.ts';
import { olderConsole, trimConsole } from './trim-console.ts';

const ended = { requested: false, exit: undefined, killed: false, said: '' };

test.each([
  ['we asked', { ...ended, requested: true, killed: true }, 'requested', undefined],
  [
    'our child ended well',
    { ...ended, exit: { status: 0, signal: null } },
    'guest-shutdown',
    'the guest shut down',
  ],
  ['another server’s left no pid file', ended, 'guest-shutdown', 'the guest shut down'],
  ['another server’s left its pid file', { ...ended, killed: true }, 'crashed', 'qemu was killed'],
  [
    'our child failed',
    { ...ended, exit: { status: 1, signal: null }, said: 'no memory' },
    'crashed',
    'qemu exited with status 1: no memory',
  ],
  [
    'our child was killed',
    { ...ended, exit: { status: null, signal: 'SIGKILL' as const } },
    'crashed',
    'qemu was killed by SIGKILL',
  ],
])('a VM whose end came because %s', (_, trace, stopReason, stopDetail) => {
  expect(endOf(trace)).toEqual({ stopReason, stopDetail });
});

test('only a long chain is shortened, to stand on its lowest three', () => {
  const chain = Array.from({ length: longestChain }, (_, index) => `layer-${index}` as LayerId);
  expect(planShortening(chain)).toMatchObject({ active: 'layer-0', upper: 'layer-1', base: 'layer-5' });
  expect(planShortening(chain.slice(1))).toBeUndefined();
});

test('a console that grew too long keeps its end', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-console-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'console.log');
  await trimConsole(path, 10);
  await writeFile(path, 'short');
  await trimConsole(path, 10);
  expect(String(await readFile(path))).toBe('short');
  await writeFile(path, 'much longer than ten');
  await trimConsole(path, 10);
  expect(String(await readFile(path))).toBe('');
  expect(String(await readFile(olderConsole(path)))).toBe('much longer than ten');
});
