import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compareVersions } from './compare-versions.ts';
import { defaultVersion } from './default-version.ts';

const now = new Date('2026-11-21T06:54:00.500Z');
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ingot-version-'));
  mkdirSync(join(directory, 'web'));
  mkdirSync(join(directory, 'other'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', directory, ...identity, ...args], { encoding: 'utf8' }).trim();
}

function commit(path: string, content: string): void {
  writeFileSync(join(directory, path), content);
  git('add', path);
  git('commit', '-q', '-m', content);
}

async function choose(...taken: readonly string[]): Promise<string> {
  const isTaken = async (version: string) => taken.includes(version);
  return await defaultVersion({ directory: join(directory, 'web'), now, isTaken });
}

test('a folder outside git is versioned by the time', async () => {
  expect(await choose()).toBe('20261121-065400');
});

test('a repository without commits, or without this folder, too', async () => {
  git('init', '-q');
  expect(await choose()).toBe('20261121-065400');
  commit('other/a', '1');
  expect(await choose()).toBe('20261121-065400');
});

test('the commit that last changed the folder names it, whatever happens elsewhere', async () => {
  git('init', '-q');
  commit('web/a', '1');
  const hash = git('rev-parse', '--short', 'HEAD');
  commit('other/a', '1');
  writeFileSync(join(directory, 'other', 'a'), 'changed');
  expect(await choose()).toBe(hash);
});

test('a tag names it, and the distance from the tag', async () => {
  git('init', '-q');
  commit('web/a', '1');
  git('tag', 'v1.2.3');
  expect(await choose()).toBe('v1.2.3');
  commit('web/a', '2');
  expect(await choose()).toMatch(/^v1\.2\.3-1-g[0-9a-f]{7,}$/);
});

test('what is not committed makes it dirty', async () => {
  git('init', '-q');
  commit('web/a', '1');
  git('tag', 'v1');
  writeFileSync(join(directory, 'web', 'new'), '');
  expect(await choose()).toBe('v1-dirty');
});

test('the next build of the same state has a version of its own, which comes after', async () => {
  expect(await choose('20261121-065400')).toBe('20261121-065400-r2');
  expect(await choose('20261121-065400', '20261121-065400-r2')).toBe('20261121-065400-r3');
  const createdAt = now.toISOString();
  const versions = ['v1-r10', 'v1', 'v1-r2'].map((version) => ({ version, createdAt }));
  expect(versions.sort(compareVersions).map(({ version }) => version)).toEqual(['v1', 'v1-r2', 'v1-r10']);
});
