/** What scheduled rebuilds promise, on a real server whose machines are simulated. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readClientSecrets } from '../../../src/server/secrets.ts';
import { type FactoryRig, nothing, openFactoryRig } from './factory-rig.ts';

interface RebuildBody {
  readonly rebuild_id: string;
  readonly version: string;
  readonly status: string;
  readonly why: string;
  readonly error: string | null;
}

let rig: FactoryRig;

beforeEach(async () => {
  rig = await openFactoryRig(
    [
      'rebuilds: [{template: sample}]',
      `notifications: [{name: pager, command: ['${process.execPath}', '-e', '']}]`,
    ].join('\n'),
  );
  await mkdir(join(rig.home, 'templates'));
  const text = [
    'name: Sample',
    'base_ami: {source: tiny, architecture: [x86_64]}',
    "setup_script: 'echo 1'",
    'readiness: {command: is-up, attempts: 1}',
  ];
  await rig.template(text.join('\n'), 'templates/sample');
  await rig.build('sample', { version: 'v1' });
  await rig.ask('POST', '/registry/promote', { reference: 'sample@v1', channel: 'stable' });
});

afterEach(async () => {
  await rig.close();
});

async function addBase(version: string): Promise<void> {
  const secrets = await readClientSecrets(rig.home);
  await fetch(`${rig.url}/admin/v1/bases`, {
    method: 'POST',
    headers: { authorization: `Bearer ${secrets?.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ imageName: `ingot-tiny-x86_64-${version}`, description: 'The small base', alias: 'tiny' },
      ...{ architecture: 'x86_64', firmware: 'bios', sshUser: 'ec2-user', file: `/bases/${version}.qcow2` },
    }),
  });
}

async function check(): Promise<readonly string[]> {
  const { body } = await rig.ask<{ started: { why: string }[] }>('POST', '/rebuilds/check');
  return body.started.map(({ why }) => why);
}

async function ended(): Promise<RebuildBody> {
  for (;;) {
    const { body } = await rig.ask<{ rebuilds: RebuildBody[] }>('GET', '/rebuilds');
    const [rebuild] = body.rebuilds;
    if (rebuild !== undefined && !['running', 'ending'].includes(rebuild.status)) return rebuild;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stable(): Promise<string | undefined> {
  const { body } = await rig.ask<{ versions: { version: string; channels: string[] }[] }>(
    'GET',
    '/registry/versions?template=sample',
  );
  return body.versions.find(({ channels }) => channels.includes('stable'))?.version;
}

async function told(): Promise<readonly string[]> {
  for (;;) {
    const { body } = await rig.ask<{ deliveries: { state: string; message: string; event: string }[] }>(
      'GET',
      '/notifications',
    );
    const isSent = body.deliveries.length > 2 && body.deliveries.every(({ state }) => state === 'delivered');
    if (isSent) return body.deliveries.map(({ event, message }) => `${event}: ${message}`).toSorted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('a newer base is built on, and what is proven and ready is promoted', async () => {
  expect(await check()).toEqual([]);
  await addBase('20260201');
  expect(await check()).toEqual([
    expect.stringMatching(/^its base tiny has a newer image, ingot-tiny-x86_64-20260201 \(ami-/),
  ]);
  // It is under way: another look begins no second one.
  expect(await check()).toEqual([]);
  const rebuild = await ended();
  expect(rebuild).toMatchObject({ status: 'succeeded', error: null });
  expect(await stable()).toBe(rebuild.version);
  expect(await check()).toEqual([]);
  expect(await rig.leftOvers()).toEqual(nothing);
  expect(await told()).toEqual([
    expect.stringMatching(`^ready: sample ${rebuild.version} for x86_64 is built and proven: ami-`),
    expect.stringMatching('^ready: sample v1 for x86_64 is built and proven: ami-'),
    expect.stringMatching(`^ready: stable of sample is ${rebuild.version} now, since its base tiny`),
  ]);
});

test('what does not become ready gives its channel back, and is not tried again on the same base', async () => {
  rig.guests.answer = (command) => ({ status: command.includes('is-up') ? 1 : 0, stdout: 'starting' });
  await addBase('20260201');
  await check();
  const rebuild = await ended();
  expect(rebuild.status).toBe('failed');
  expect(rebuild.error).toMatch(/^ready: It is not ready after 1 attempts: /);
  expect(await stable()).toBe('v1');
  expect(await rig.leftOvers()).toEqual(nothing);
  expect(await check()).toEqual([]);
  expect((await told())[0]).toMatch(/^failed: sample \S+ was built since .*, and stable went back: /);
});
