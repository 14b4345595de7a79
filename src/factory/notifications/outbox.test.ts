import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../platform/database/database.ts';
import { silentLog } from '../../platform/log.ts';
import { deliverer } from './deliver.ts';
import type { Notice } from './notice.ts';
import { notify } from './notify.ts';
import { forgetOldNotices, sendDue } from './outbox.ts';
import type { Receiver } from './receiver.ts';
import { secretFile } from './sign.ts';
import { createNotificationTables, type NotificationTables } from './table.ts';

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

const { signal } = new AbortController();
let directory: string;
let db: Database<NotificationTables>;
let server: Server;
let received: Received[];
let answers: number[];
let nowMs: number;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-notices-'));
  db = await openDatabase(join(directory, 'factory.db'), { a: { up: createNotificationTables } });
  [received, answers, nowMs] = [[], [], Date.now()];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ headers: request.headers as Record<string, string>, body });
    response.writeHead(answers.shift() ?? 204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return async () => {
    server.close();
    await db.close();
    await rm(directory, { recursive: true });
  };
});

function notice(given: Partial<Notice> = {}): Notice {
  return {
    key: 'build build-1 ready',
    event: 'ready',
    subject: { kind: 'build', id: 'build-1', name: 'web v1', template: 'web' },
    message: 'web v1 is ready',
    ...given,
  };
}

const hook = (): Receiver => ({
  name: 'chat',
  url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
});

async function send(...receivers: readonly Receiver[]): Promise<number> {
  const now = () => new Date(nowMs);
  const deliver = deliverer({ secrets: directory, now });
  return await sendDue({ db, now, log: silentLog, receivers, deliver }, signal);
}

const say = (given?: Partial<Notice>) => notify({ db, now: () => new Date(nowMs) }, notice(given));
const deliveries = () => db.read.selectFrom('notice_deliveries').selectAll().execute();

test('a webhook is signed as Standard Webhooks has it', async () => {
  await say({ details: { ami_id: 'ami-1' } });
  await send(hook());
  const [{ headers, body } = { headers: {}, body: '' }] = received;
  const secret = await readFile(secretFile(directory, 'chat'), 'utf8');
  expect(new Webhook(secret.trim()).verify(body, headers)).toMatchObject({
    event: 'ready',
    subject: { id: 'build-1' },
    details: { ami_id: 'ami-1' },
  });
  expect(() => new Webhook(secret.trim()).verify(body.replace('v1', 'v2'), headers)).toThrow();
});

test('what is said twice is told once', async () => {
  await say();
  await say();
  await send(hook());
  await say();
  await send(hook());
  expect(received).toHaveLength(1);
});

test('a delivery that fails is tried again later with the same id, and so often only', async () => {
  answers = Array.from({ length: 20 }, () => 500);
  await say();
  for (let round = 0; round < 20; round++) {
    await send(hook());
    await send(hook());
    nowMs += 11 * 3_600_000;
  }
  expect(received).toHaveLength(8);
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(await deliveries()).toMatchObject([
    { state: 'given-up', attempts: 8, error: expect.stringContaining('answered 500') },
  ]);
});

test('one receiver that is away holds up no other', async () => {
  await say();
  await send({ name: 'away', url: 'http://127.0.0.1:1/' }, hook());
  expect(received).toHaveLength(1);
  nowMs += 6000;
  await send({ name: 'away', url: 'http://127.0.0.1:1/' }, hook());
  expect(received).toHaveLength(1);
});

test('receivers hear of the events and templates that they ask for', async () => {
  await say({ key: '1', event: 'failed' });
  await say({ key: '2', subject: { kind: 'build', id: 'build-2', name: 'db v1', template: 'db' } });
  await say({ key: '3' });
  const only: Receiver = { ...hook(), events: ['ready'], templates: ['web'] };
  await send(only);
  expect(received.map(({ body }) => JSON.parse(body).message)).toEqual(['web v1 is ready']);
});

test('a command reads the notice; one that fails is tried again', async () => {
  const file = join(directory, 'told');
  const script = `process.stdin.pipe(require('fs').createWriteStream(${JSON.stringify(file)}))`;
  await say();
  await send({ name: 'script', command: [process.execPath, '-e', script] });
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
    event: 'ready',
    message: 'web v1 is ready',
  });
  await say({ key: 'another' });
  const broken = [process.execPath, '-e', 'console.error("no disk"); process.exit(3)'];
  await send({ name: 'script', command: broken });
  expect((await deliveries()).find(({ state }) => state === 'waiting')?.error).toMatch(
    /ended with 3: no disk$/,
  );
});

test('what is over is forgotten after a month, and what waits is not', async () => {
  answers = [204, 500];
  await say({ key: 'told' });
  await send(hook());
  await say({ key: 'waits' });
  await send(hook());
  nowMs += 31 * 86_400_000;
  await forgetOldNotices({ db, now: () => new Date(nowMs) });
  const left = await db.read.selectFrom('notices').select('key').execute();
  expect(left).toEqual([{ key: 'waits' }]);
  expect(await deliveries()).toHaveLength(1);
});
