import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ingot-config-'));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

async function load(yaml: string, env: Record<string, string> = {}) {
  await writeFile(join(home, 'config.yaml'), yaml);
  return await loadConfig({}, { INGOT_HOME: home, ...env });
}

test('a home without a config.yaml has the defaults', async () => {
  const config = await loadConfig({}, { INGOT_HOME: home });
  expect(config).toMatchObject({
    home,
    port: 7979,
    address: '127.0.0.1',
    zones: ['a', 'b', 'c'],
    recycleBinDays: 0,
    bus: { kind: 'in-process' },
    node: { kind: 'embedded', id: 'node-1' },
  });
  expect(config.regions).toEqual(['us-east-1', 'us-east-2', 'us-west-1', 'us-west-2', 'eu-west-1']);
  expect(config).not.toHaveProperty('memoryForInstancesMiB');
});

test('the command line comes before the environment, and that before the file', async () => {
  expect((await load('port: 1000')).port).toBe(1000);
  expect((await load('port: 1000', { INGOT_PORT: '2000' })).port).toBe(2000);
  expect((await loadConfig({ port: 3000 }, { INGOT_HOME: home, INGOT_PORT: '2000' })).port).toBe(3000);
});

test('an unknown field is refused with its line and the nearest known one', async () => {
  await expect(load('port: 1\nregion: [us-east-1]\n')).rejects.toThrow(
    `${join(home, 'config.yaml')}:2:1: region: is not a known field. Did you mean \`regions\`?`,
  );
});

test('an unknown field inside another is named by its whole path', async () => {
  await expect(load('bus:\n  kind: nats\n  server: [a]\n')).rejects.toThrow(
    'config.yaml:3:3: bus.server: is not a known field. Did you mean `servers`?',
  );
});

test('a field like no other is answered with those that there are', async () => {
  await expect(load('node:\n  colour: red\n')).rejects.toThrow(
    'config.yaml:2:3: node.colour: is not a known field. Known here: kind, id.',
  );
});

test('a wrong value is refused with its line and the rule', async () => {
  await expect(load('zones: [a]\naccounts:\n  default: 12\n')).rejects.toThrow(
    'config.yaml:3:3: accounts.default: must be 12 digits in quotes',
  );
});

test('every mistake of a file is said at once', async () => {
  await expect(load('port: no\nlogLevel: loud\n')).rejects.toThrow(
    /:1:1: port: [^\n]+\n[^\n]+:2:1: logLevel: /,
  );
});

test('text that is not YAML is refused with its line', async () => {
  await expect(load('port: 1\nzones: [a\n')).rejects.toThrow(/config\.yaml:3:1: /);
});

test('a remote node without NATS is refused', async () => {
  await expect(load('node: {kind: remote}')).rejects.toThrow('set bus.kind to nats');
});

test('a port in the environment that is none is refused', async () => {
  await expect(load('', { INGOT_PORT: 'http' })).rejects.toThrow("INGOT_PORT is 'http'");
});
