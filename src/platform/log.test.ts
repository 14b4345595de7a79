import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from './log.ts';

test('a full disk costs lines of the log, and never who writes them', () => {
  const log = createLog({ level: 'info', file: '/dev/full' });
  for (let line = 0; line < 100; line++) log.info({ filler: 'x'.repeat(100_000) }, 'said');
});

test('secrets are masked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-log-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'server.log');
  createLog({ level: 'info', file }).info(
    { key: { secretAccessKey: 'hidden', accessKeyId: 'shown' } },
    'a key',
  );
  expect(await readFile(file, 'utf8')).toMatch(/shown/);
  expect(await readFile(file, 'utf8')).not.toMatch(/hidden/);
});
