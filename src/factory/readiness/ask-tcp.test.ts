import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { askTcp } from './ask-tcp.ts';

const servers: Server[] = [];
const signal = new AbortController().signal;

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function served(onConnection: (socket: Socket) => void) {
  const server = createServer(onConnection);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

test('a port that takes a connection and keeps it, or says something, is ready', async () => {
  expect(await askTcp(await served(() => undefined), signal)).toBeUndefined();
  expect(await askTcp(await served((socket) => void socket.end('220 hello\r\n')), signal)).toBeUndefined();
});

test('a port that takes a connection and ends it at once is not ready', async () => {
  expect(await askTcp(await served((socket) => void socket.destroy()), signal)).toMatch(
    /ended at once|RESET/,
  );
});

test('a port that nobody listens at is not ready', async () => {
  expect(await askTcp({ host: '127.0.0.1', port: 1 }, signal)).toMatch(/ECONNREFUSED/);
});
