import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesChangedSince } from './git-description.ts';

test('files that changed since a commit are named whole, those not committed among them', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ingot-git-'));
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
  git('init', '-q');
  writeFileSync(join(folder, 'a.yml'), '1');
  writeFileSync(join(folder, 'b.yml'), '1');
  git('add', '.');
  git('commit', '-qm', 'one');
  writeFileSync(join(folder, 'a.yml'), '2');
  writeFileSync(join(folder, 'c.yml'), 'new');
  expect([...(await filesChangedSince(folder, 'HEAD'))].sort()).toEqual(
    ['a.yml', 'c.yml'].map((name) => join(folder, name)),
  );
  await expect(filesChangedSince(folder, 'nowhere')).rejects.toThrow("'nowhere'");
  rmSync(folder, { recursive: true });
});
