/** The vault as the cloud uses it, over real folders and a real S3 protocol. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../../src/platform/log.ts';
import { s3Store } from '../../../src/vault/blobs/s3-store.ts';
import { type BlockSource, openRawSource, openVault, type Vault } from '../../../src/vault/vault.ts';
import { startS3Server } from './s3-server.ts';
import { run, snapshotId, type Temporary, temporary } from './temporary.ts';

const block = 512 * 1024;
const [a, b, c] = [snapshotId(1), snapshotId(2), snapshotId(3)];

let place: Temporary;
let vault: Vault;
beforeEach(async () => {
  place = await temporary();
  vault = place.vault('us-east-1');
});
afterEach(() => place.close());

/** A disk in memory; `changed` are the blocks that its map names. */
function disk(content: Buffer, changed?: readonly number[]): BlockSource & { readonly reads: number[] } {
  const reads: number[] = [];
  return {
    reads,
    sizeBytes: content.length,
    async *extents() {
      if (changed === undefined) yield { offset: 0, length: content.length, data: true };
      for (const index of changed ?? []) yield { offset: index * block + 8192, length: 4096, data: true };
    },
    async read(offset, length, into) {
      reads.push(offset / block);
      into.fill(0, 0, length);
      content.copy(into, 0, offset, offset + length);
    },
    close: async () => undefined,
  };
}

/** 20.5 blocks: noise, text, zeros, a repeated block. */
function sample(): Buffer {
  const content = Buffer.alloc(20 * block + block / 2);
  randomBytes(3 * block).copy(content, 0);
  content.fill('text that repeats itself ', 5 * block, 9 * block);
  content.fill('x', 20 * block);
  return content;
}

async function restored(from: Vault, id: typeof a): Promise<Buffer> {
  const file = place.path(`restored-${randomBytes(4).toString('hex')}`);
  await from.restoreSnapshot({ snapshotId: id, file });
  return await readFile(file);
}

async function chunkFiles(region: string): Promise<string[]> {
  const found = await readdir(join(place.path(region), 'chunks'), { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function flip(file: string, at: number): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 16;
  await handle.write(byte, 0, 1, at);
  await handle.close();
}

test('gives back what was ingested, sparse, and tells progress in bytes', async () => {
  const content = sample();
  const seen: number[] = [];
  const onProgress = ({ bytesDone, bytesTotal }: { bytesDone: number; bytesTotal: number }) => {
    expect(bytesTotal).toBe(21 * block);
    seen.push(bytesDone);
  };
  const result = await vault.ingestSnapshot({
    snapshotId: a,
    source: disk(content),
    onProgress,
    details: { volumeId: 'vol-1' },
  });
  expect(seen.at(-1)).toBe(21 * block);
  expect(result).toMatchObject({ ingested: true, storedBlocks: 8, bytesRead: 21 * block });
  expect((await restored(vault, a)).equals(content)).toBe(true);
  expect(await vault.metadata(a)).toMatchObject({
    volumeSizeBytes: content.length,
    storedBlocks: 8,
    details: { volumeId: 'vol-1' },
  });
  expect(await vault.metadata(b)).toBeUndefined();
  const file = place.path('sparse');
  await vault.restoreSnapshot({ snapshotId: a, file });
  expect((await stat(file)).blocks * 512).toBeLessThan(9 * block);
});

test('stores a block once, however often it stands in disks, and answers a repeated ingest at once', async () => {
  const content = sample();
  await vault.ingestSnapshot({ snapshotId: a, source: disk(content) });
  // Three of noise, one of text (four places; the text does not divide a block evenly), the tail, the leaf.
  const chunks = (await chunkFiles('us-east-1')).length;
  const again = disk(content);
  expect(await vault.ingestSnapshot({ snapshotId: a, source: again })).toMatchObject({
    ingested: false,
    bytesStored: 0,
  });
  expect(again.reads).toEqual([]);
  expect(await vault.ingestSnapshot({ snapshotId: b, source: disk(content) })).toMatchObject({
    bytesStored: 0,
  });
  expect((await chunkFiles('us-east-1')).length).toBe(chunks);
});

test('reads only what the map names since the parent, and keeps the rest of it', async () => {
  const content = sample();
  await vault.ingestSnapshot({ snapshotId: a, source: disk(content) });
  const later = Buffer.from(content);
  later.fill(9, 2 * block + 8192, 2 * block + 12_288);
  later.fill(0, 6 * block, 7 * block);
  const source = disk(later, [2, 6]);
  const result = await vault.ingestSnapshot({ snapshotId: b, parentSnapshotId: a, source });
  expect([...source.reads].sort()).toEqual([2, 6]);
  expect(result.bytesRead).toBe(2 * block);
  await vault.deleteSnapshot(a);
  await vault.collect({ graceMs: 0 });
  expect((await restored(vault, b)).equals(later)).toBe(true);
});

test('lists blocks and what changed between two snapshots', async () => {
  const content = sample();
  await vault.ingestSnapshot({ snapshotId: a, source: disk(content) });
  const later = Buffer.from(content);
  later.fill(1, block, block + 10);
  later.fill(1, 12 * block, 13 * block);
  later.fill(0, 5 * block, 6 * block);
  await vault.ingestSnapshot({ snapshotId: b, source: disk(later) });
  const indexes: number[] = [];
  for await (const { index, digest } of vault.listBlocks(a)) {
    indexes.push(index);
    const plain = Buffer.alloc(block);
    content.copy(plain, 0, index * block);
    expect(digest).toBe(createHash('sha256').update(plain).digest('hex'));
    expect((await vault.getBlock(a, index))?.equals(plain)).toBe(true);
  }
  expect(indexes).toEqual([0, 1, 2, 5, 6, 7, 8, 20]);
  expect(await vault.getBlock(a, 10)).toBeUndefined();
  const changes: [number, boolean, boolean][] = [];
  for await (const { index, before, after } of vault.listChangedBlocks(a, b)) {
    changes.push([index, before !== undefined, after !== undefined]);
  }
  expect(changes).toEqual([
    [1, true, true],
    [5, true, false],
    [12, false, true],
  ]);
  const rest: number[] = [];
  for await (const { index } of vault.listChangedBlocks(a, b, 5)) rest.push(index);
  expect(rest).toEqual([5, 12]);
});

test('takes a snapshot block by block, over a restart, with checksums', async () => {
  const content = sample();
  await vault.ingestSnapshot({ snapshotId: a, source: disk(content) });
  const fresh = randomBytes(block);
  const digest = createHash('sha256').update(fresh).digest('hex') as never;
  const writer = await vault.startBlockWriter({ snapshotId: b, parentSnapshotId: a, sizeBytes: 30 * block });
  await writer.putBlock(1, fresh, digest);
  await expect(writer.putBlock(3, randomBytes(block), digest)).rejects.toThrow(
    /Block 3 .*damaged on the way, send it again/,
  );
  await expect(writer.putBlock(30, fresh)).rejects.toThrow(/blocks are 0 to 29/);
  await expect(writer.putBlock(4, fresh.subarray(1))).rejects.toThrow(/exactly 524288/);
  writer.leave();
  await vault.collect({ graceMs: 0 });
  const other = place.vault('us-east-1');
  const resumed = await other.resumeBlockWriter(b);
  expect(resumed.blocks).toBe(1);
  await resumed.putBlock(29, fresh);
  await resumed.putBlock(2, Buffer.alloc(block));
  await expect(resumed.complete({ changedBlocks: 2 })).rejects.toThrow(/3 blocks were put .* not 2/);
  await resumed.complete({ changedBlocks: 3 });
  const expected = Buffer.alloc(30 * block);
  content.copy(expected);
  fresh.copy(expected, block);
  expected.fill(0, 2 * block, 3 * block);
  fresh.copy(expected, 29 * block);
  expect((await restored(vault, b)).equals(expected)).toBe(true);
  await expect(vault.resumeBlockWriter(b)).rejects.toMatchObject({ kind: 'session-lost' });
  await expect(vault.startBlockWriter({ snapshotId: b, sizeBytes: block })).rejects.toMatchObject({
    kind: 'already-exists',
  });
});

test('a copy moves only what the other region lacks, and stands without its source', async () => {
  const west = place.vault('us-west-2');
  const content = sample();
  await vault.ingestSnapshot({ snapshotId: a, source: disk(content) });
  const first = await vault.copySnapshot({ snapshotId: a, to: west, copyId: b });
  const stored = (await Promise.all((await chunkFiles('us-east-1')).map((file) => stat(file)))).reduce(
    (sum, { size }) => sum + size,
    0,
  );
  expect(first.bytesMoved).toBe(stored);
  const later = Buffer.from(content);
  randomBytes(100).copy(later, 6 * block);
  await vault.ingestSnapshot({ snapshotId: c, parentSnapshotId: a, source: disk(later, [6]) });
  const progress: number[] = [];
  const second = await vault.copySnapshot({
    snapshotId: c,
    to: west,
    copyId: c,
    onProgress: ({ blocksDone, blocksTotal }) => progress.push(blocksDone / blocksTotal),
  });
  expect(second.blocksMoved).toBe(1);
  expect(progress.at(-1)).toBe(1);
  expect(await vault.copySnapshot({ snapshotId: c, to: west, copyId: c })).toMatchObject({ bytesMoved: 0 });
  await rm(place.path('us-east-1'), { recursive: true });
  expect((await restored(west, b)).equals(content)).toBe(true);
  expect((await restored(west, c)).equals(later)).toBe(true);
});

test('a cancelled copy leaves no snapshot, and asked again moves only the rest', async () => {
  const west = place.vault('us-west-2');
  const content = randomBytes(40 * block);
  await vault.ingestSnapshot({ snapshotId: a, source: disk(content) });
  const stop = new AbortController();
  const onProgress = ({ blocksDone }: { blocksDone: number }) => {
    if (blocksDone === 10) stop.abort();
  };
  const cancelled = vault.copySnapshot({
    snapshotId: a,
    to: west,
    copyId: b,
    signal: stop.signal,
    onProgress,
  });
  await expect(cancelled).rejects.toMatchObject({ kind: 'cancelled' });
  expect(await west.listSnapshots()).toEqual([]);
  const { blocksMoved } = await vault.copySnapshot({ snapshotId: a, to: west, copyId: b });
  expect(blocksMoved).toBeLessThanOrEqual(30);
  expect((await restored(west, b)).equals(content)).toBe(true);
});

test('a flipped bit is never served, found by verify with who is harmed, and repaired from another region', async () => {
  const west = place.vault('us-west-2');
  const content = sample();
  await vault.ingestSnapshot({ snapshotId: a, source: disk(content) });
  await vault.ingestSnapshot({ snapshotId: b, source: disk(Buffer.alloc(block, 3)) });
  await vault.copySnapshot({ snapshotId: a, to: west, copyId: a });
  const digests: string[] = [];
  for await (const { digest } of vault.listBlocks(a)) digests.push(digest);
  const bad = (await chunkFiles('us-east-1')).find((file) => file.endsWith(digests[1] ?? '')) ?? '';
  await flip(bad, 5000);
  await expect(vault.getBlock(a, 1)).rejects.toThrow(
    /^Can't read block 1 of snap-0*1: Chunk .* is damaged: the CRC-32 of frame 0/,
  );
  const report = await vault.verify();
  expect(report.harmedSnapshots).toEqual([a]);
  expect(report.harms).toMatchObject([{ snapshotId: a, part: 'block', index: 1, kind: 'damaged' }]);
  expect(await vault.repair({ report, vaults: [west] })).toMatchObject({ remaining: [] });
  expect((await vault.verify()).harms).toEqual([]);
  expect((await restored(vault, a)).equals(content)).toBe(true);
});

test('repairs every chunk, leaves too, from a disk that has the content; says what nobody has', async () => {
  const content = sample();
  await vault.ingestSnapshot({ snapshotId: a, source: disk(content) });
  for (const [n, file] of (await chunkFiles('us-east-1')).entries())
    await (n % 2 === 0 ? flip(file, 70) : rm(file));
  const report = await vault.verify();
  expect(report.harms).toMatchObject([{ part: 'leaf', index: 0 }]);
  await expect(vault.collect({ graceMs: 0 })).rejects.toThrow(
    /^Nothing is collected while a manifest can't be read/,
  );
  expect((await vault.repair({ report })).remaining).toHaveLength(1);
  const sources = new Map([[a, disk(content)]]);
  expect((await vault.repair({ report, sources })).remaining).toEqual([]);
  const second = await vault.verify();
  expect(second.harms.length).toBeGreaterThan(4);
  expect((await vault.repair({ report: second, sources })).remaining).toEqual([]);
  expect((await vault.verify()).harms).toEqual([]);
  expect((await restored(vault, a)).equals(content)).toBe(true);
});

test('collects what nobody refers to, and only that; a dry run only counts', async () => {
  const content = sample();
  await vault.ingestSnapshot({ snapshotId: a, source: disk(content) });
  await vault.ingestSnapshot({ snapshotId: b, source: disk(randomBytes(4 * block)) });
  await vault.deleteSnapshot(b);
  expect(await vault.collect({ graceMs: 3_600_000 })).toMatchObject({ chunksDeleted: 0 });
  const counted = await vault.collect({ graceMs: 0, dryRun: true });
  expect(counted).toMatchObject({ chunksDeleted: 5 });
  expect(await vault.collect({ graceMs: 0 })).toMatchObject({
    chunksDeleted: 5,
    bytesDeleted: counted.bytesDeleted,
  });
  expect((await restored(vault, a)).equals(content)).toBe(true);
});

test('a snapshot that is served stays readable after it is deleted and collected', async () => {
  const content = sample();
  const file = place.path('disk.raw');
  await run('sh', '-c', `head -c 3000000 /dev/urandom > ${file}`);
  const source = await openRawSource(file);
  await vault.ingestSnapshot({ snapshotId: a, source });
  await source.close();
  await vault.ingestSnapshot({ snapshotId: b, source: disk(content) });
  const server = await vault.serve(place.path('s.sock'));
  const { uri } = await server.add(a, { file: place.path('served') });
  await vault.deleteSnapshot(a);
  await vault.collect({ graceMs: 0 });
  expect(await run('qemu-img', 'compare', '-f', 'raw', '-F', 'raw', file, uri)).toMatch(/identical/);
  await server.close();
  expect((await vault.collect({ graceMs: 0 })).chunksDeleted).toBeGreaterThan(0);
});

test('lives in S3 as in a folder, through overload and damage on the way', async () => {
  const s3 = await startS3Server();
  const { endpoint, credentials } = s3;
  const store = s3Store({ endpoint, credentials, region: 'us-east-1', bucket: 'bucket', prefix: 'eu/' });
  const remote = openVault({
    store,
    regionName: 'eu-west-1',
    log: silentLog,
    threads: 2,
  });
  const content = sample();
  s3.failNext(3, 503);
  await remote.ingestSnapshot({ snapshotId: a, source: disk(content) });
  s3.damageNextReads(1);
  expect((await restored(remote, a)).equals(content)).toBe(true);
  await vault.ingestSnapshot({ snapshotId: b, source: disk(content) });
  expect(await vault.copySnapshot({ snapshotId: b, to: remote, copyId: b })).toMatchObject({
    blocksMoved: 0,
  });
  await remote.deleteSnapshot(a);
  await remote.deleteSnapshot(b);
  await remote.collect({ graceMs: -2_000 });
  expect([...s3.objects.keys()].filter((key) => key.startsWith('eu/chunks/'))).toEqual([]);
  s3.ignoreDeleteConditions = true;
  const careless = openVault({
    store: s3Store({ endpoint, credentials, region: 'us-east-1', bucket: 'bucket', prefix: 'x/' }),
    regionName: 'x',
    log: silentLog,
  });
  await expect(careless.collect()).rejects.toThrow(/ignores If-Match on deletes/);
  await careless.close();
  await remote.close();
  await s3.close();
});

test('a folder that takes no block ends the ingest with the file and the system’s reason', async () => {
  await mkdir(place.path('us-east-1'));
  await writeFile(join(place.path('us-east-1'), 'chunks'), 'in the way');
  await expect(vault.ingestSnapshot({ snapshotId: a, source: disk(sample()) })).rejects.toMatchObject({
    code: 'ENOTDIR',
    message: expect.stringMatching(/us-east-1\/chunks\/.* could not be written/),
  });
  expect(await readdir(join(place.path('us-east-1'), 'tmp'))).toEqual([]);
});

test('refuses what can’t be: a shrunken child, an unknown parent, extents outside of the disk', async () => {
  await vault.ingestSnapshot({ snapshotId: a, source: disk(sample()) });
  const small = disk(Buffer.alloc(block));
  await expect(vault.ingestSnapshot({ snapshotId: b, parentSnapshotId: a, source: small })).rejects.toThrow(
    /a child is never smaller/,
  );
  await expect(vault.ingestSnapshot({ snapshotId: b, parentSnapshotId: c, source: small })).rejects.toThrow(
    /has no snapshot snap-0*3/,
  );
  await expect(
    vault.ingestSnapshot({ snapshotId: b, source: disk(Buffer.alloc(block), [4]) }),
  ).rejects.toThrow(/outside of its 524288 bytes/);
});

test('keeps an image’s config beside its snapshots', async () => {
  const id = 'ami-00000000000000001' as never;
  await vault.putImageConfig(id, { name: 'tiny', snapshotIds: [a] });
  expect(await vault.imageConfig(id)).toMatchObject({ imageId: id, name: 'tiny', schemaVersion: 1 });
  await vault.deleteImage(id);
  expect(await vault.imageConfig(id)).toBeUndefined();
});
