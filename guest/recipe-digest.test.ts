import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { recipeDigest } from './recipe-digest.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'recipe-'));
  await mkdir(join(root, 'tiny/etc'), { recursive: true });
  await mkdir(join(root, 'other'));
  await writeFile(join(root, 'tiny/etc/rcS'), 'mount');
});

afterEach(() => rm(root, { recursive: true, force: true }));

const digest = (salt = 'tiny/x86_64') => recipeDigest(root, ['tiny'], salt);

test('is the same for the same files', async () => {
  expect(await digest()).toBe(await digest());
});

test('changes with a content, a name, a new file and the base it is for', async () => {
  const seen = [await digest(), await digest('tiny/arm64')];
  await writeFile(join(root, 'tiny/etc/rcS'), 'mount -a');
  seen.push(await digest());
  await writeFile(join(root, 'tiny/etc/rcT'), '');
  seen.push(await digest());
  expect(new Set(seen).size).toBe(4);
});

test('does not change with tests or with folders that are not part of the recipe', async () => {
  const before = await digest();
  await writeFile(join(root, 'tiny/init.test.ts'), 'test');
  await writeFile(join(root, 'other/file'), 'x');
  expect(await digest()).toBe(before);
});

test('tells a boundary between files from their contents', async () => {
  await writeFile(join(root, 'tiny/a'), 'xy');
  await writeFile(join(root, 'tiny/b'), 'z');
  const before = await digest();
  await writeFile(join(root, 'tiny/a'), 'x');
  await writeFile(join(root, 'tiny/b'), 'yz');
  expect(await digest()).not.toBe(before);
});
