import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRecipeLines, readRecipeList } from '../recipe-list.ts';

const guest = join(import.meta.dirname, '..');
const scripts = ['tiny', 'debian-12', 'disk']
  .flatMap((folder) => readdirSync(join(guest, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((file) => /^#!\/bin\/(busybox )?sh\n/.test(readFileSync(file, 'utf8')));

test.each(scripts)('%s is a script a shell can read', (file) => {
  const { status, stderr } = spawnSync('sh', ['-n', file], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('the list above is not empty for want of a match', () => {
  expect(scripts.length).toBeGreaterThan(12);
});

test('inittab starts only what is in the image', async () => {
  const present = new Set([
    ...scripts.map((file) => file.replace(/^.*\/tiny\/root/, '')),
    ...(await readRecipeList(join(guest, 'tiny/programs'))).map((path) => `/${path}`),
    ...(await readRecipeList(join(guest, 'tiny/applets'))).map((name) => `/usr/bin/${name}`),
    ...(await readRecipeLines(join(guest, 'tiny/links'))).map(([path]) => `/${path}`),
  ]);
  const inittab = readFileSync(join(guest, 'tiny/root/etc/inittab'), 'utf8');
  const started = [...inittab.matchAll(/^::\w+:(\S+)/gm)].map(([, program]) => program);
  expect(started.length).toBeGreaterThan(6);
  expect(started.filter((program) => !present.has(program ?? ''))).toEqual([]);
});

test('no applet takes the name of a program or a link', async () => {
  const applets = await readRecipeList(join(guest, 'tiny/applets'));
  const named = [
    ...(await readRecipeList(join(guest, 'tiny/programs'))),
    ...(await readRecipeLines(join(guest, 'tiny/links'))).map(([path = '']) => path),
  ].filter((path) => /bin\//.test(path));
  const names = new Set(named.map((path) => path.replace(/^.*\//, '')));
  expect(applets.filter((applet) => names.has(applet))).toEqual([]);
});
