/** The NBD server against the clients that matter, and against damage. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ImageId, SnapshotId } from '../../../src/platform/ids.ts';
import { silentLog } from '../../../src/platform/log.ts';
import {
  type BlobStore,
  directoryStore,
  openRawSource,
  openVault,
  type SnapshotServer,
  type Vault,
  VaultError,
} from '../../../src/vault/vault.ts';
import { run, snapshotId, type Temporary, temporary } from './temporary.ts';

const size = 48 * 1024 * 1024;
const [first, second] = [snapshotId(1), snapshotId(2)];

let place: Temporary;
let vault: Vault;
let server: SnapshotServer;
let disk: string;

beforeEach(async () => {
  place = await temporary();
  vault = place.vault('us-east-1');
  disk = place.path('disk.raw');
  await run('qemu-img', 'create', '-f', 'raw', disk, String(size));
  await run(
    'qemu-io',
    '-f',
    'raw',
    '-c',
    'write -P 1 1M 3M',
    '-c',
    'write -P 2 20M 1000k',
    '-c',
    'write -P 3 47M 1M',
    disk,
  );
  await run('dd', 'if=/usr/bin/qemu-img', `of=${disk}`, 'bs=1M', 'seek=30', 'conv=notrunc', 'status=none');
  await ingest(first);
  server = await vault.serve(place.path('run/vault.sock'));
});
afterEach(async () => {
  await server.close();
  await place.close();
});

test('qemu-img reads through the socket what was ingested', async () => {
  const { uri } = await server.add(first, at('first.copy'));
  expect(await run('qemu-img', 'compare', '-f', 'raw', '-F', 'raw', disk, uri)).toMatch(/identical/);
});

test('a client that asks for much before it reads gets all of it', async () => {
  await server.add(first, at('first.copy'));
  const socket = connect(place.path('run/vault.sock'));
  const [requests, length] = [200, 128 * 1024];
  // The flags, then the only export by the option that has no answer but its size.
  socket.write(Buffer.from([0, 0, 0, 3]));
  socket.write(Buffer.concat([Buffer.from('IHAVEOPT'), Buffer.from([0, 0, 0, 1, 0, 0, 0, 0])]));
  for (let n = 0; n < requests; n++) {
    const request = Buffer.alloc(28);
    request.writeUInt32BE(0x2560_9513, 0);
    request.writeBigUInt64BE(BigInt(n), 8);
    request.writeBigUInt64BE(BigInt(n * length), 16);
    request.writeUInt32BE(length, 24);
    socket.write(request);
  }
  // Until no more fits between the two, and the server waits.
  await setTimeout(300);
  const answer: Buffer[] = [];
  let left = 18 + 10 + requests * (16 + length);
  for await (const data of socket as AsyncIterable<Buffer>) {
    answer.push(data);
    left -= data.length;
    if (left <= 0) break;
  }
  const replies = Buffer.concat(answer).subarray(18 + 10);
  const content = await readFile(disk);
  const asked = new Set<number>();
  for (let at = 0; at < replies.length; at += 16 + length) {
    const n = Number(replies.readBigUInt64BE(at + 8));
    asked.add(n);
    const data = replies.subarray(at + 16, at + 16 + length);
    expect(data.equals(content.subarray(n * length, (n + 1) * length))).toBe(true);
  }
  expect(asked.size).toBe(requests);
});

test('tells holes, so that a copy skips them', async () => {
  const { uri } = await server.add(first, at('first.copy'));
  const map = JSON.parse(await run('qemu-img', 'map', '--output=json', '-f', 'raw', uri)) as {
    data: boolean;
    length: number;
  }[];
  const data = map.filter((extent) => extent.data).reduce((sum, { length }) => sum + length, 0);
  expect(map.reduce((sum, { length }) => sum + length, 0)).toBe(size);
  expect(data).toBeLessThan(size / 3);
  const copy = place.path('copy.raw');
  await run('qemu-img', 'convert', '-f', 'raw', '-O', 'raw', uri, copy);
  expect((await readFile(copy)).equals(await readFile(disk))).toBe(true);
  expect((await stat(copy)).blocks * 512).toBeLessThan(size / 3);
});

test('is the backing of an overlay that a machine writes', async () => {
  const { uri } = await server.add(first, at('first.copy'));
  const overlay = place.path('overlay.qcow2');
  await run('qemu-img', 'create', '-f', 'qcow2', '-b', uri, '-F', 'raw', overlay);
  await run(
    'qemu-io',
    '-c',
    'read -P 1 2M 1M',
    '-c',
    'write -P 9 2M 4k',
    '-c',
    'read -P 9 2M 4k',
    '-c',
    'read -P 3 47M 1M',
    overlay,
  );
  expect(await run('qemu-img', 'compare', '-f', 'raw', '-F', 'raw', disk, uri)).toMatch(/identical/);
});

test('serves several snapshots by name, and refuses writes', async () => {
  await ingest(second);
  const [one, two] = [await server.add(first, at('first.copy')), await server.add(second, at('second.copy'))];
  expect(server.list()).toEqual([first, second]);
  expect(await run('qemu-img', 'compare', '-f', 'raw', '-F', 'raw', one.uri, two.uri)).toMatch(/identical/);
  await expect(run('qemu-io', '-f', 'raw', '-c', 'write 0 4k', one.uri)).rejects.toThrow();
  await server.remove(second);
  await expect(run('qemu-img', 'info', two.uri)).rejects.toThrow(/not (present|available)|no export/i);
});

test('fetches first what the last boot touched, and the rest at the rate it may', async () => {
  const image = 'ami-00000000000000001' as ImageId;
  const { uri, touched } = await server.add(first, at('first.copy'));
  await run('qemu-io', '-r', '-f', 'raw', '-c', 'read 47M 4k', '-c', 'read 1M 4k', '-c', 'read 20M 4k', uri);
  expect(touched().filter((block) => [94, 2, 40].includes(block))).toEqual(
    expect.arrayContaining([94, 2, 40]),
  );
  await server.recordBoot(image, [first]);
  await server.close();
  await vault.close();
  const elsewhere = place.vault('us-east-1');
  server = await elsewhere.serve(place.path('run/other.sock'));
  const again = await server.add(first, { ...at('again'), imageId: image, hydrateBytesPerSecond: 1e9 });
  expect(await again.complete).toBe(true);
  // Everything is here now: the store may be gone.
  await run('rm', '-r', place.path('us-east-1/chunks'));
  expect(await run('qemu-img', 'compare', '-f', 'raw', '-F', 'raw', disk, again.uri)).toMatch(/identical/);
});

test('a complete copy is a disk of its own, in which QEMU finds nothing wrong', async () => {
  const { complete } = await server.add(first, { ...at('copy'), hydrateBytesPerSecond: 1e9 });
  expect(await complete).toBe(true);
  const copy = place.path('copy');
  await run('qemu-img', 'check', '-f', 'qcow2', copy);
  expect(await run('qemu-img', 'compare', '-f', 'raw', '-F', 'qcow2', disk, copy)).toMatch(/identical/);
  expect((await stat(copy)).blocks * 512).toBeLessThan(size / 3);
  // The holes of the copy are the holes of the snapshot.
  await server.close();
  server = await vault.serve(place.path('run/again.sock'));
  const whole = await server.add(first, { file: copy, whole: true });
  expect(await run('qemu-img', 'compare', '-f', 'raw', '-F', 'raw', disk, whole.uri)).toMatch(/identical/);
});

test('goes on with the copy that an earlier process began, and never with that of another snapshot', async () => {
  const { uri } = await server.add(first, at('copy'));
  await run('qemu-io', '-r', '-f', 'raw', '-c', 'read 1M 1M', uri);
  await server.close();
  await run('qemu-io', '-f', 'raw', '-c', 'write -P 7 1M 1M', disk);
  await ingest(second);
  server = await vault.serve(place.path('run/second.sock'));
  const again = await server.add(first, at('copy'));
  await run('qemu-io', '-r', '-f', 'raw', '-c', 'read 20M 4k', again.uri);
  // What was copied does not come from the store again.
  await run('rm', '-r', place.path('us-east-1/chunks'));
  await run('qemu-io', '-r', '-f', 'raw', '-c', 'read -P 1 1M 1M', again.uri);
  await server.remove(first);
  const other = await server.add(second, at('copy'));
  const said = await run('qemu-io', '-r', '-f', 'raw', '-c', 'read -P 7 1M 1M', other.uri).catch(
    ({ stdout }) => String(stdout),
  );
  // Its own blocks, or none.
  expect(said).not.toMatch(/Pattern verification failed/);
});

test('never serves a bit that flipped in the store', async () => {
  for (const chunk of await readdir(join(place.path('us-east-1'), 'chunks'), {
    recursive: true,
    withFileTypes: true,
  })) {
    if (chunk.isFile()) await flipByte(join(chunk.parentPath, chunk.name), 90);
  }
  server = await place.vault('us-east-1').serve(place.path('run/third.sock'));
  const broken = await server.add(first, at('other.copy')).catch((error: Error) => error);
  if (broken instanceof Error) throw broken;
  await expect(run('qemu-io', '-r', '-f', 'raw', '-c', 'read 1M 4k', broken.uri)).rejects.toMatchObject({
    stdout: expect.stringContaining('Input/output error'),
  });
});

test('a store that fails for a while makes a reader wait, and is no failed read', async () => {
  const folder = directoryStore(place.path('us-east-1'));
  let failures = 0;
  const flaky: BlobStore = {
    ...folder,
    get(key) {
      if (!key.startsWith('chunks/') || failures === 0) return folder.get(key);
      failures--;
      throw new VaultError('store-failed', 'the network is down');
    },
  };
  const other = openVault({ store: flaky, regionName: 'us-east-1', log: silentLog, threads: 1 });
  const serving = await other.serve(place.path('run/flaky.sock'));
  const { uri } = await serving.add(first, at('flaky.copy'));
  await run('qemu-io', '-r', '-f', 'raw', '-c', 'read 20M 4k', uri);
  failures = 2;
  await run('qemu-io', '-r', '-f', 'raw', '-c', 'read -P 1 1M 4k', uri);
  expect(failures).toBe(0);
  await serving.close();
  await other.close();
});

const at = (name: string) => ({ file: place.path(name) });

async function ingest(snapshot: SnapshotId): Promise<void> {
  const source = await openRawSource(disk);
  await vault.ingestSnapshot({ snapshotId: snapshot, source });
  await source.close();
}

async function flipByte(file: string, at: number): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 4;
  await handle.write(byte, 0, 1, at);
  await handle.close();
}
