import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprint, knownHostsFile, readKnownHosts } from './known-hosts.ts';

let home: string;
const key = Buffer.from('a host key');

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ingot-hosts-'));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

test('a key is new at first, known when pinned, and another one is a change', async () => {
  const hosts = await readKnownHosts(home);
  expect(hosts.check('i-1', key)).toBe('new');
  await hosts.pin('i-1', key);
  const later = await readKnownHosts(home);
  expect(later.check('i-1', key)).toBe('known');
  expect(later.check('i-1', Buffer.from('another'))).toBe('changed');
  expect(later.check('i-2', key)).toBe('new');
});

test('two commands that pin at once both keep their key', async () => {
  const [first, second] = [await readKnownHosts(home), await readKnownHosts(home)];
  await first.pin('i-1', key);
  await second.pin('i-2', key);
  const hosts = await readKnownHosts(home);
  expect([hosts.check('i-1', key), hosts.check('i-2', key)]).toEqual(['known', 'known']);
  expect((await stat(knownHostsFile(home))).mode & 0o777).toBe(0o600);
});

test('a fingerprint is as ssh-keygen shows it', () => {
  expect(fingerprint(key)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});
