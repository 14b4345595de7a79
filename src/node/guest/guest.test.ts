import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { InstanceId } from '../../platform/ids.ts';
import { AgentPort } from './agent.ts';
import { writeSeed } from './seed.ts';

const seed = {
  hostname: 'ip-10-0-0-5',
  publicKeys: ['ssh-ed25519 AAAA "me": {x}'],
  region: 'us-east-1',
  availabilityZone: 'us-east-1a',
};

test('the seed holds who the machine is, and nobody else may read it', async () => {
  const directory = join(await folder(), 'seed');
  await writeSeed(directory, 'i-1' as InstanceId, { ...seed, userData: Buffer.from('#!/bin/sh\n') });
  const metaData = JSON.parse(String(await readFile(join(directory, 'meta-data'))));
  expect(metaData).toEqual({
    'instance-id': 'i-1',
    'local-hostname': 'ip-10-0-0-5',
    'public-keys': seed.publicKeys,
    region: 'us-east-1',
    'availability-zone': 'us-east-1a',
  });
  expect(String(await readFile(join(directory, 'user-data')))).toBe('#!/bin/sh\n');
  expect((await stat(join(directory, 'user-data'))).mode & 0o777).toBe(0o600);
  await writeSeed(directory, 'i-1' as InstanceId, seed);
  expect(String(await readFile(join(directory, 'user-data')))).toBe('');
});

test('an agent is believed only after it answered a sync, and late answers to others are dropped', async () => {
  const path = await fakeAgent((command, args, socket) => {
    if (command === 'guest-sync-delimited') {
      socket.write('{"return": "stale"}\n');
      socket.write(Buffer.concat([Buffer.from([0xff]), Buffer.from(`{"return": ${args.id}}\n`)]));
    }
    if (command === 'guest-fsfreeze-freeze') socket.write('{"return": 2}\n');
    if (command === 'guest-fsfreeze-thaw')
      socket.write('{"error": {"class": "GenericError", "desc": "no"}}\n');
  });
  const agent = await new AgentPort(path).reach();
  await agent.sync(1_000);
  expect(await agent.freeze(1_000)).toBe(2);
  await expect(agent.thaw(1_000)).rejects.toThrow('no');
  agent.close();
});

test('a silent agent is given up at the deadline', async () => {
  const agent = await new AgentPort(await fakeAgent(() => undefined)).reach();
  await expect(agent.sync(20)).rejects.toThrow(/took longer than 20 ms/);
  agent.close();
});

test('a port that closes ends the waiting', async () => {
  const path = await fakeAgent((_command, _args, socket) => socket.destroy());
  const agent = await new AgentPort(path).reach();
  await expect(agent.sync(5_000)).rejects.toThrow(/closed/);
});

test('a port is held between questions, and opened anew after it was closed on either side', async () => {
  const held: Socket[] = [];
  const path = await fakeAgent((_command, { id }, socket) => {
    if (held.at(-1) !== socket) held.push(socket);
    socket.write(`{"return": ${id}}\n`);
  });
  const port = new AgentPort(path);
  const asked = async () => await (await port.reach()).sync(1_000);
  await asked();
  await asked();
  expect(held).toHaveLength(1);
  port.close();
  await asked();
  expect(held).toHaveLength(2);
  const agent = await port.reach();
  const closed = new Promise<void>((resolve) => agent.onClose(resolve));
  held.at(-1)?.destroy();
  await closed;
  await asked();
  expect(held).toHaveLength(3);
  port.close();
});

async function fakeAgent(
  answer: (command: string, args: { readonly id?: number }, socket: Socket) => void,
): Promise<string> {
  const path = join(await folder(), 'agent.sock');
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.setEncoding('latin1').on('data', (text: string) => {
      for (const line of text.replaceAll('\xff', '').split('\n').filter(Boolean)) {
        const { execute, arguments: args } = JSON.parse(line);
        answer(execute, args, socket);
      }
    });
  }).listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return path;
}

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-guest-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
