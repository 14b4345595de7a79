import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { newId } from '../../platform/ids.ts';
import { silentLog } from '../../platform/log.ts';
import type { SnapshotRequest } from '../contract.ts';
import { until } from '../deadline.ts';
import { connectQmp } from '../qemu/qmp.ts';
import { beginFreeze, mayFreeze, noFreeze } from './freeze.ts';
import { Machine } from './machine.ts';
import { Vm } from './vm.ts';

const request: SnapshotRequest = { freeze: 'try', freezeDeadlineMs: 50, volumes: [] };

test('a frozen guest is thawed, and the time between is told', async () => {
  const { machine, vm, heard } = await guest({ answers: ['sync', 'freeze', 'thaw'] });
  const freeze = await beginFreeze(machine, vm, request);
  await freeze.freeze();
  expect(freeze).toMatchObject({ frozen: true, thawOwed: true });
  await freeze.thaw();
  expect(freeze.thawOwed).toBe(false);
  expect(freeze.frozenMs).toBeGreaterThan(0);
  expect(heard).toEqual(['guest-fsfreeze-freeze', 'guest-fsfreeze-thaw']);
});

test('a guest that freezes too late is thawed as soon as it answers', async () => {
  const { machine, vm, heard, answers } = await guest({ answers: ['sync'] });
  await machine.save({ thawOwed: true });
  const freeze = await beginFreeze(machine, vm, request);
  await freeze.freeze();
  await freeze.thaw();
  expect(freeze).toMatchObject({ frozen: false, thawOwed: true });
  expect(await mayFreeze(machine, vm, { ...request, freezeDeadlineMs: 0 })).toBe(false);
  const patient = mayFreeze(machine, vm, { ...request, freezeDeadlineMs: 60_000 });
  answers.add('thaw');
  await until(() => (machine.record.thawOwed === undefined ? true : undefined), {
    deadlineMs: 5_000,
    what: 'the thaw',
  });
  expect(heard.at(-1)).toBe('guest-fsfreeze-thaw');
  expect(await patient).toBe(true);
});

test('an agent that refuses to freeze is not asked to thaw', async () => {
  const { machine, vm, heard } = await guest({ answers: ['sync', 'refuse'] });
  const freeze = await beginFreeze(machine, vm, request);
  await freeze.freeze();
  await freeze.thaw();
  expect(freeze).toMatchObject({ frozen: false, thawOwed: false });
  expect(heard).toEqual(['guest-fsfreeze-freeze']);
});

test('a silent agent is told nothing but the sync, and fails only who requires it', async () => {
  const { machine, vm, heard } = await guest({ answers: [] });
  expect(await beginFreeze(machine, vm, request)).toBe(noFreeze);
  await expect(beginFreeze(machine, vm, { ...request, freeze: 'require' })).rejects.toMatchObject({
    kind: 'freeze-failed',
  });
  expect(heard).toEqual([]);
});

type Answer = 'sync' | 'freeze' | 'thaw' | 'refuse';

/** A machine whose QEMU and agent are sockets of this test. */
async function guest(options: { readonly answers: readonly Answer[] }) {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-freeze-'));
  const answers = new Set<Answer>(options.answers);
  const heard: string[] = [];
  const stopAgent = await listen(join(directory, 'agent.sock'), (command, args, socket) => {
    if (command === 'guest-sync-delimited') {
      if (answers.has('sync')) socket.write(`\n{"return": ${args?.id}}\n`);
      return;
    }
    heard.push(command);
    if (command.endsWith('freeze') && answers.has('refuse'))
      socket.write('{"error": {"desc": "disabled"}}\n');
    if (command.endsWith('freeze') && answers.has('freeze')) socket.write('{"return": 1}\n');
    if (command.endsWith('thaw') && answers.has('thaw')) socket.write('{"return": 1}\n');
  });
  const stopQmp = await listen(join(directory, 'qmp.sock'), (_command, _args, socket, id) => {
    socket.write(`{"return": {}, "id": "${id}"}\n`);
  });
  const machine = new Machine({ log: silentLog, changed: () => undefined }, directory, {
    version: 1,
    instanceId: newId('i'),
    state: 'running',
    architecture: 'x86_64',
    firmware: 'bios',
    cpus: 1,
    memoryMiB: 64,
    volumes: [],
    network: { macAddress: '', privateAddress: '', subnet: '', ports: [] },
  });
  const vm = new Vm({ pid: process.pid, directory }, await connectQmp(join(directory, 'qmp.sock'), 1_000));
  vm.agentOpen = true;
  machine.adopt(vm);
  onTestFinished(async () => {
    machine.release();
    stopAgent();
    stopQmp();
    await machine.written();
    await rm(directory, { recursive: true, force: true });
  });
  return { machine, vm, heard, answers };
}

async function listen(
  path: string,
  take: (command: string, args: { readonly id?: number } | undefined, socket: Socket, id: unknown) => void,
): Promise<() => void> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => socket.destroy());
    socket.setEncoding('latin1').on('data', (text: string) => {
      for (const line of text.replaceAll('\xff', '').split('\n').filter(Boolean)) {
        const { execute, arguments: args, id } = JSON.parse(line);
        take(execute, args, socket, id);
      }
    });
  }).listen(path);
  await once(server, 'listening');
  return () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
}
