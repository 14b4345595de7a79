import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ConnectShell } from '../ssh/remote-shell.ts';
import { openTestFactory, type TestFactory } from '../testing/test-factory.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { imageTestEnded } from './find-image-test.ts';
import { startImageTest } from './start-image-test.ts';

const [home, west] = ['us-east-1', 'us-west-2'] as const;
let cloud: TestTarget;
let opened: TestFactory;

beforeAll(async () => {
  cloud = await openTestTarget();
});
afterAll(() => cloud.close());

/** A guest whose every command says 'fine'. */
const connect: ConnectShell = async () => ({
  hostKey: 'AAAA',
  isOpen: true,
  exec: async (command) => ({
    status: 0,
    stdout: command.includes('uptime') ? '1.0 1.0' : 'fine\n',
    stderr: '',
  }),
  close: () => undefined,
});

beforeEach(async () => {
  opened = await openTestFactory(cloud, { connect, checkPatienceMs: 0 });
  return () => opened.close();
});

async function machines(): Promise<number> {
  const counts = [home, west].map(async (region) => {
    const { Reservations = [] } = await (await cloud.target.client(region)).describeInstances({
      Filters: [{ Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] }],
    });
    return Reservations.length;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

const run = async (name: string, regions?: readonly string[]) =>
  await imageTestEnded(
    opened.factory,
    await startImageTest(opened.factory, { name, target: 'local', regions }),
  );

test('an image is launched and removed in each region, and a region that has none says so', async () => {
  const tested = await run(cloud.baseImages[home] ?? '', [home, west]);
  expect(tested.status).toBe('failed');
  expect(tested.regions).toMatchObject([
    { region: home, status: 'passed', sshMs: expect.any(Number), leftOver: [] },
    { region: west, status: 'missing', error: expect.stringContaining('has no image of ami-') },
  ]);
  expect(await machines()).toBe(0);
});

test("a template's own checks run, and one that fails fails its region", async () => {
  const amis = `{${home}: {x86_64: ${cloud.baseImages[home]}}, ${west}: {x86_64: ${cloud.baseImages[west]}}}`;
  const checks = (expected: string) =>
    `validation_tests: [{name: says fine, command: say, expected: ${expected}}]\n`;
  const template = (slug: string, expected: string) =>
    writeFile(
      join(opened.templates, `${slug}.yml`),
      `name: w\ndescription: d\nbase_ami: {source: tiny}\nsetup_script: "true"\nami_config: {amis: ${amis}}\n${checks(expected)}`,
    );
  await template('good', 'fine');
  await template('bad', 'awful');
  const good = await run('good');
  expect(good.regions.map(({ region, status }) => `${region} ${status}`)).toEqual([
    `${home} passed`,
    `${west} passed`,
  ]);
  expect(good.regions[0]?.checks).toEqual([{ name: 'says fine', status: 'passed', output: 'fine' }]);
  const bad = await run('bad', [west]);
  expect(bad.regions).toMatchObject([
    { status: 'failed', checks: [{ name: 'says fine', status: 'failed' }] },
  ]);
  expect(bad.regions[0]?.error).toContain("'fine', expected 'awful'");
  expect(await machines()).toBe(0);
});

test('what no region has is refused before anything is launched', async () => {
  await expect(run('nothing-like-it')).rejects.toThrow("goes by 'nothing-like-it'");
});
