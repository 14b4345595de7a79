import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSimulatedNode } from '../node/simulated/simulated-node.ts';
import { type Config, loadConfig } from '../platform/config.ts';
import type { NodeId } from '../platform/ids.ts';
import { silentLog } from '../platform/log.ts';
import { openServer, type RunningServer } from './open-server.ts';
import { readClientSecrets } from './secrets.ts';
import { readServerRecord } from './server-record.ts';

let home: string;
let config: Config;
const running: RunningServer[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ingot-server-'));
  config = await loadConfig({ home, port: 0 }, {});
});

afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
  await rm(home, { recursive: true });
});

async function open(): Promise<RunningServer> {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const server = await openServer(config, { log: silentLog, node });
  running.push(server);
  return server;
}

async function askStatus(url: string, authorization?: string): Promise<Response> {
  return await fetch(
    `${url}/admin/v1/status`,
    authorization === undefined ? {} : { headers: { authorization } },
  );
}

test('the admin door opens to the token of the home alone, on loopback too', async () => {
  const { url } = await open();
  const { adminToken } = (await readClientSecrets(home)) ?? { adminToken: '' };
  expect((await askStatus(url)).status).toBe(401);
  expect((await askStatus(url, `Bearer ${adminToken}x`)).status).toBe(401);
  const answer = await askStatus(url, `Bearer ${adminToken}`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ home, pid: process.pid, nodes: [{ nodeId: 'node-1' }] });
});

test('at the admin door a viewer looks, and only an admin changes what is there', async () => {
  const { url } = await open();
  const { adminToken } = (await readClientSecrets(home)) ?? { adminToken: '' };
  const post = async (path: string, token: string, body: unknown) =>
    await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const tokenOf = async (role: string) => {
    const added = await post('/api/v1/tokens', adminToken, { name: role, role });
    return ((await added.json()) as { readonly secret: string }).secret;
  };
  const [viewer, operator, admin] = [
    await tokenOf('viewer'),
    await tokenOf('operator'),
    await tokenOf('admin'),
  ];
  expect((await askStatus(url, `Bearer ${viewer}`)).status).toBe(200);
  const account = { name: 'second' };
  expect((await post('/admin/v1/accounts', viewer, account)).status).toBe(403);
  expect((await post('/admin/v1/accounts', operator, account)).status).toBe(403);
  expect((await post('/admin/v1/accounts', admin, account)).status).toBe(200);
  const log = await fetch(`${url}/api/v1/audit?limit=3`, {
    headers: { authorization: `Bearer ${adminToken}` },
  });
  expect(await log.json()).toMatchObject({
    entries: ['admin', 'operator', 'viewer'].map((by) => ({ by, action: 'POST /admin/v1/accounts' })),
  });
});

test('a sign of life needs no token and tells nothing', async () => {
  const { url } = await open();
  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' });
});

test("what isn't signed is refused in EC2's words", async () => {
  const { url } = await open();
  const answer = await fetch(`${url}/?Action=DescribeInstances&Version=2016-11-15`);
  expect(answer.ok).toBe(false);
  expect(await answer.text()).toContain('<Code>');
});

test('secrets are readable by their owner alone, and last', async () => {
  await open();
  const folder = join(home, 'secrets');
  const modes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).mode & 0o777),
  );
  expect(modes.length).toBeGreaterThan(0);
  expect(new Set(modes)).toEqual(new Set([0o600]));
  const before = await readClientSecrets(home);
  await running.pop()?.close();
  await open();
  expect(await readClientSecrets(home)).toEqual(before);
});

test('a second server on the same home is refused, and the first one goes on', async () => {
  const { url } = await open();
  await expect(open()).rejects.toThrow(`Another Ingot server runs on ${home}`);
  expect((await fetch(`${url}/health`)).ok).toBe(true);
  expect((await readServerRecord(home))?.url).toBe(url);
});

test('a port that is taken is named, with the way to another, and nothing stays open', async () => {
  const { url } = await open();
  const other = await mkdtemp(join(tmpdir(), 'ingot-server-'));
  const taken = { ...config, home: other, port: Number(new URL(url).port) };
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  await expect(openServer(taken, { log: silentLog, node })).rejects.toThrow('Give another port');
  const again = await openServer({ ...taken, port: 0 }, { log: silentLog, node });
  await again.close();
  await rm(other, { recursive: true });
});

test('DescribeRegions says where the server listens, also on a free port', async () => {
  const { url } = await open();
  const { root } = (await readClientSecrets(home)) ?? {};
  const ec2 = new EC2({ endpoint: url, region: config.regions[0] ?? '', ...(root && { credentials: root }) });
  const { Regions: regions = [] } = await ec2.describeRegions({});
  expect(regions.map((region) => region.Endpoint)).toEqual(config.regions.map(() => new URL(url).host));
  ec2.destroy();
});

test('its record is gone when it is closed', async () => {
  await open();
  await running.pop()?.close();
  expect(await readServerRecord(home)).toBeUndefined();
});

test("the admin door refuses what it can't read, in words", async () => {
  const { url } = await open();
  const { adminToken } = (await readClientSecrets(home)) ?? { adminToken: '' };
  const post = (path: string, body: unknown) =>
    fetch(`${url}/admin/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const base = await post('/bases', { imageName: 'x', file: 'relative.qcow2' });
  expect(base.status).toBe(400);
  expect(await base.json()).toMatchObject({
    detail: expect.stringContaining('file: must be an absolute path'),
  });
  const account = await post('/accounts', { name: 'Not A Name' });
  expect(account.status).toBe(400);
  expect(await account.json()).toMatchObject({ detail: expect.stringContaining('cannot name an account') });
});
