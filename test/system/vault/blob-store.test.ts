/** The promises of a blob store, held to both of them. */
import { mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { BlobStore } from '../../../src/vault/blobs/blob-store.ts';
import { directoryStore } from '../../../src/vault/blobs/directory-store.ts';
import { putNewFile } from '../../../src/vault/blobs/put-new-file.ts';
import { s3Store } from '../../../src/vault/blobs/s3-store.ts';
import { type S3Server, startS3Server } from './s3-server.ts';

let s3: S3Server;
let folder: string;

beforeAll(async () => {
  s3 = await startS3Server();
});
afterAll(() => s3.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-blobs-'));
  s3.objects.clear();
  s3.ignoreDeleteConditions = false;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function bucket(): BlobStore {
  const { endpoint, credentials } = s3;
  return s3Store({
    endpoint,
    credentials,
    region: 'us-east-1',
    bucket: 'bucket',
    prefix: 'home/',
    attempts: 4,
  });
}

const stores: readonly (readonly [string, () => BlobStore])[] = [
  ['the directory store', () => directoryStore(folder)],
  ['the S3 store', bucket],
];

const keysOf = async (store: BlobStore, prefix: string) => {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  return keys.sort();
};

describe.each(stores)('%s', (_, open) => {
  let store: BlobStore;
  beforeEach(() => {
    store = open();
  });
  afterEach(() => store.close());

  test('gives back what was put, with its size and version', async () => {
    await store.put('a/b/c', Buffer.from('content'));
    await store.flush();
    const blob = await store.get('a/b/c');
    expect(blob?.bytes.toString()).toBe('content');
    expect(blob?.sizeBytes).toBe(7);
    expect(await store.head('a/b/c')).toMatchObject({ key: 'a/b/c', sizeBytes: 7, version: blob?.version });
  });

  test('answers undefined for what is not there', async () => {
    expect(await store.get('nothing')).toBeUndefined();
    expect(await store.head('nothing/at/all')).toBeUndefined();
  });

  test('lets one of many conditional puts win', async () => {
    const puts = Array.from({ length: 8 }, (_, n) =>
      store.put('once', Buffer.from(`${n}`), { ifAbsent: true }),
    );
    const answers = await Promise.all(puts);
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1);
    expect((await store.get('once'))?.bytes.toString()).toBe(String(answers.indexOf('stored')));
  });

  test('replaces with a plain put, under another version', async () => {
    await store.put('k', Buffer.from('one'));
    const before = await store.head('k');
    await store.put('k', Buffer.from('two'));
    expect((await store.get('k'))?.bytes.toString()).toBe('two');
    expect((await store.head('k'))?.version).not.toBe(before?.version);
  });

  test('deletes only the version that was named', async () => {
    await store.put('k', Buffer.from('one'));
    const seen = (await store.head('k'))?.version ?? '';
    await store.put('k', Buffer.from('two'));
    expect(await store.delete('k', { ifVersion: seen })).toBe('changed');
    expect((await store.get('k'))?.bytes.toString()).toBe('two');
    const now = (await store.head('k'))?.version ?? '';
    expect(await store.delete('k', { ifVersion: now })).toBe('deleted');
    expect(await store.delete('k', { ifVersion: now })).toBe('absent');
    expect(await store.guardsDeletes()).toBe(true);
  });

  test('lists everything under a prefix, however much there is', async () => {
    const names = Array.from({ length: 250 }, (_, n) => `chunks/${String(n % 16).padStart(2, '0')}/${n}`);
    await Promise.all(names.map((name) => store.put(name, Buffer.from(name))));
    await store.put('other/x', Buffer.from('x'));
    expect(await keysOf(store, 'chunks/')).toEqual([...names].sort());
    expect(await keysOf(store, 'chunks/03/')).toEqual(
      names.filter((name) => name.startsWith('chunks/03/')).sort(),
    );
    expect(await keysOf(store, 'chunks/03/3')).toEqual(['chunks/03/3', 'chunks/03/35']);
    expect(await keysOf(store, 'absent/')).toEqual([]);
  });

  test('takes bytes that lie in shared memory', async () => {
    const shared = Buffer.from(new SharedArrayBuffer(64)).fill(7);
    await store.put('shared', shared);
    expect((await store.get('shared'))?.bytes).toEqual(Buffer.alloc(64, 7));
  });
});

describe('the directory store', () => {
  test('puts back a file that an interrupted delete had moved aside, and serves it meanwhile', async () => {
    const store = directoryStore(folder);
    await store.put('chunks/k', Buffer.from('kept'));
    await rename(join(folder, 'chunks/k'), join(folder, 'chunks/k.condemned'));
    expect((await store.get('chunks/k'))?.bytes.toString()).toBe('kept');
    await utimes(join(folder, 'chunks/k.condemned'), 1, 1);
    expect(await keysOf(store, 'chunks/')).toEqual([]);
    expect(await keysOf(directoryStore(folder, { asideForMs: 0 }), 'chunks/')).toEqual(['chunks/k']);
    expect(await readdir(join(folder, 'chunks'))).toEqual(['k']);
  });

  test('takes new objects from a thread that puts them into its folder by itself', async () => {
    const store = directoryStore(folder);
    const put = (text: string) => putNewFile(folder, 'chunks/ab/cd/k', Buffer.from(text));
    const { stored, folders } = await put('first');
    expect(stored).toBe(true);
    // Every folder with a new name in it, for the next flush.
    expect(folders).toEqual(
      expect.arrayContaining(['', 'chunks', 'chunks/ab', 'chunks/ab/cd'].map((name) => join(folder, name))),
    );
    expect(await put('second')).toEqual({ stored: false, folders: [] });
    expect((await store.get('chunks/ab/cd/k'))?.bytes.toString()).toBe('first');
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
    await writeFile(join(folder, 'occupied'), '');
    await expect(putNewFile(folder, 'occupied/k', Buffer.from('v'))).rejects.toMatchObject({
      code: 'ENOTDIR',
      message: expect.stringContaining(`${folder}/occupied/k could not be written`),
    });
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  test('clears away what interrupted puts left', async () => {
    const store = directoryStore(folder);
    await store.put('k', Buffer.from('kept'));
    await writeFile(join(folder, 'tmp/half'), 'half');
    await utimes(join(folder, 'tmp/half'), 1, 1);
    expect(await store.tidy(Date.now() - 1000)).toBe(1);
    expect((await store.get('k'))?.bytes.toString()).toBe('kept');
  });
});

describe('the S3 store', () => {
  test('tries again where the server is overloaded', async () => {
    const store = bucket();
    s3.failNext(2, 503);
    await store.put('k', Buffer.from('v'));
    s3.failNext(2, 500);
    expect((await store.get('k'))?.bytes.toString()).toBe('v');
    await store.close();
  });

  test('says which request failed, where, and what to check', async () => {
    const store = s3Store({
      endpoint: s3.endpoint,
      credentials: s3.credentials,
      region: 'us-east-1',
      bucket: 'elsewhere',
      prefix: '',
    });
    await expect(store.get('k')).rejects.toThrow(
      /Reading k failed in the bucket elsewhere at http.*check the endpoint/,
    );
    await store.close();
  });

  test('knows a server that ignores conditions on deletes', async () => {
    s3.ignoreDeleteConditions = true;
    const store = bucket();
    expect(await store.guardsDeletes()).toBe(false);
    await store.close();
  });
});
