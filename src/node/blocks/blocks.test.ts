import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LayerId, SnapshotId } from '../../platform/ids.ts';
import { keyedQueue } from '../../platform/keyed-queue.ts';
import { silentLog } from '../../platform/log.ts';
import { directoryStore, openQcow2Source, openVault, type Vault } from '../../vault/vault.ts';
import { type BlockContract, blockBytes } from '../block-contract.ts';
import type { BlockContext } from './block-context.ts';
import { blockWrites } from './block-writes.ts';
import { openDisks } from './open-disks.ts';
import { openStoredDisk } from './open-stored-disk.ts';
import { readBlockCommands } from './read-blocks.ts';
import { writeBlockCommands } from './write-blocks.ts';

type Blocks = BlockContract & { close(): Promise<void> };

const gib = 2 ** 30;
const byRegion = new Map<string, Vault>();
let root: string;
let blocks: Blocks;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'ingot-blocks-'));
  for (const folder of ['layers', 'block-writes']) await mkdir(join(root, folder));
  blocks = open();
});
afterEach(async () => {
  await blocks.close();
  await rm(root, { recursive: true });
});

function open(fault: (point: string) => Promise<void> = async () => undefined): Blocks {
  const layers = join(root, 'layers');
  const context: BlockContext = {
    folders: { layers },
    fetches: { get: () => undefined },
    vaults: { byRegion },
    queue: keyedQueue(),
    disks: openDisks((disk) => openStoredDisk(context, disk)),
    blockWrites: blockWrites(join(root, 'block-writes')),
    diskFloorBytes: 0,
    fault,
  };
  return {
    ...readBlockCommands(context),
    ...writeBlockCommands(context),
    async close() {
      await context.disks.close();
      await context.blockWrites.close();
    },
  };
}

async function reopen(fault?: (point: string) => Promise<void>): Promise<void> {
  await blocks.close();
  blocks = open(fault);
}

const one = 'layer-00000000000000001' as LayerId;
const two = 'layer-00000000000000002' as LayerId;
const other = 'layer-00000000000000003' as LayerId;

const sha = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');
const disk = (layerId: LayerId) => ({
  layerId,
  region: 'us-east-1',
  snapshotId: 'snap-00000000000000001' as SnapshotId,
});
const from0 = { startingBlock: 0, maxBlocks: 100 };

async function put(layerId: LayerId, index: number, content: Buffer): Promise<void> {
  expect(await blocks.writeBlock({ layerId, index, content, sha256: sha(content) })).toEqual({
    state: 'written',
  });
}

async function write(
  layerId: LayerId,
  content: Readonly<Record<number, Buffer>>,
  parentLayerId?: LayerId,
  sizeBytes = gib,
): Promise<void> {
  const parent = parentLayerId === undefined ? {} : { parentLayerId };
  await blocks.startBlockWrite({ layerId, sizeBytes, ...parent });
  await Promise.all(Object.entries(content).map(([index, block]) => put(layerId, Number(index), block)));
  expect(await blocks.completeBlockWrite({ layerId, blocks: Object.keys(content).length })).toMatchObject({
    state: 'completed',
    layer: { virtualSizeBytes: sizeBytes },
  });
}

async function contentOf(layerId: LayerId, index: number): Promise<Buffer> {
  const { content, sha256 } = await blocks.readBlock({ disk: disk(layerId), index });
  expect(sha256).toBe(sha(content));
  return Buffer.from(content);
}

function check(layerId: LayerId): unknown {
  const file = join(root, 'layers', `${layerId}.qcow2`);
  return JSON.parse(execFileSync('qemu-img', ['check', '--output=json', file], { encoding: 'utf8' }));
}

test('what was written is a layer that QEMU finds sound, and reads as it was written', async () => {
  const content = { 0: randomBytes(blockBytes), 7: randomBytes(blockBytes), 2047: randomBytes(blockBytes) };
  await write(one, content);
  expect(check(one)).toMatchObject({ 'check-errors': 0 });
  expect(check(one)).not.toHaveProperty('leaks');
  for (const index of [0, 7, 2047] as const)
    expect((await contentOf(one, index)).equals(content[index])).toBe(true);
  expect((await contentOf(one, 8)).equals(Buffer.alloc(blockBytes))).toBe(true);
  expect(await blocks.listBlocks({ disk: disk(one), ...from0 })).toEqual({ blocks: [0, 7, 2047] });
  expect((await stat(join(root, 'layers', `${one}.qcow2`))).mode & 0o222).toBe(0);
  expect(await readdir(join(root, 'block-writes'))).toEqual([]);
});

test('QEMU reads the same bytes, over a parent and across more than one table', async () => {
  const [low, high] = [randomBytes(blockBytes), randomBytes(blockBytes)];
  await write(one, { 1: low }, undefined, 3 * gib);
  await write(two, { 1: Buffer.alloc(blockBytes), 5000: high }, one, 3 * gib);
  const raw = join(root, 'raw');
  const layer = join(root, 'layers', `${two}.qcow2`);
  execFileSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', layer, raw]);
  execFileSync('cmp', ['-n', String(blockBytes), '-i', `${blockBytes}:0`, raw, '/dev/zero']);
  expect((await contentOf(two, 5000)).equals(high)).toBe(true);
  const info = execFileSync('qemu-img', ['compare', '-f', 'raw', '-F', 'qcow2', raw, layer], {
    encoding: 'utf8',
  });
  expect(info).toContain('Images are identical');
  expect(check(two)).toMatchObject({ 'check-errors': 0 });
});

test('the last block of an index counts, and is counted once', async () => {
  await blocks.startBlockWrite({ layerId: one, sizeBytes: gib });
  const last = randomBytes(blockBytes);
  for (const content of [randomBytes(blockBytes), Buffer.alloc(blockBytes), last]) await put(one, 3, content);
  expect(await blocks.completeBlockWrite({ layerId: one, blocks: 1 })).toMatchObject({ state: 'completed' });
  expect((await contentOf(one, 3)).equals(last)).toBe(true);
  expect(check(one)).not.toHaveProperty('leaks');
});

test('a block that is not what it is said to be is not written', async () => {
  await blocks.startBlockWrite({ layerId: one, sizeBytes: gib });
  const content = randomBytes(blockBytes);
  const sha256 = sha(randomBytes(8));
  expect(await blocks.writeBlock({ layerId: one, index: 0, content, sha256 })).toEqual({ state: 'damaged' });
  expect(await blocks.listBlockWrites()).toMatchObject([{ layerId: one, blocks: 0 }]);
  await expect(
    blocks.writeBlock({ layerId: one, index: 2048, content, sha256: sha(content) }),
  ).rejects.toThrow('2048 blocks');
});

test('a wrong number or checksum completes nothing, and the right one does', async () => {
  await blocks.startBlockWrite({ layerId: one, sizeBytes: gib });
  const [a, b] = [randomBytes(blockBytes), randomBytes(blockBytes)];
  await put(one, 9, b);
  await put(one, 2, a);
  const checksum = sha(Buffer.concat([a, b].map((each) => Buffer.from(sha(each), 'hex'))));
  const mismatch = { state: 'mismatch', blocks: 2, checksum };
  expect(await blocks.completeBlockWrite({ layerId: one, blocks: 3 })).toEqual(mismatch);
  expect(await blocks.completeBlockWrite({ layerId: one, blocks: 2, checksum: sha(a) })).toEqual(mismatch);
  expect(await blocks.completeBlockWrite({ layerId: one, blocks: 2, checksum })).toMatchObject({
    state: 'completed',
  });
  expect(await blocks.completeBlockWrite({ layerId: one, blocks: 2, checksum })).toMatchObject({
    state: 'completed',
  });
});

test('a restart goes on with what was answered for, and forgets a record that was cut short', async () => {
  await blocks.startBlockWrite({ layerId: one, sizeBytes: gib });
  const content = randomBytes(blockBytes);
  await put(one, 5, content);
  await appendFile(join(root, 'block-writes', `${one}.journal`), randomBytes(30));
  await reopen();
  expect(await blocks.listBlockWrites()).toMatchObject([{ layerId: one, blocks: 1 }]);
  const later = randomBytes(blockBytes);
  await put(one, 6, later);
  await blocks.completeBlockWrite({ layerId: one, blocks: 2 });
  expect((await contentOf(one, 5)).equals(content)).toBe(true);
  expect((await contentOf(one, 6)).equals(later)).toBe(true);
});

test.each(['blocks:seal', 'blocks:publish'])(
  'ended at %s, it completes when it is asked for again',
  async (at) => {
    await blocks.startBlockWrite({ layerId: one, sizeBytes: gib });
    const content = randomBytes(blockBytes);
    await put(one, 5, content);
    await reopen(async (point) => {
      if (point === at) throw new Error('killed');
    });
    await expect(blocks.completeBlockWrite({ layerId: one, blocks: 1 })).rejects.toThrow('killed');
    await reopen();
    await blocks.completeBlockWrite({ layerId: one, blocks: 1 });
    expect((await contentOf(one, 5)).equals(content)).toBe(true);
    expect(check(one)).toMatchObject({ 'check-errors': 0 });
  },
);

test('abandoned, nothing is left of it', async () => {
  await blocks.startBlockWrite({ layerId: one, sizeBytes: gib });
  await put(one, 5, randomBytes(blockBytes));
  await blocks.abandonBlockWrite({ layerId: one });
  await blocks.abandonBlockWrite({ layerId: one });
  expect(await blocks.listBlockWrites()).toEqual([]);
  expect(await readdir(join(root, 'block-writes'))).toEqual([]);
});

test('changed blocks are those whose content differs, whether the layers have one in common or none', async () => {
  const [a, b, c] = [randomBytes(blockBytes), randomBytes(blockBytes), randomBytes(blockBytes)];
  await write(one, { 1: a, 2: b, 3: c });
  await write(two, { 1: b, 2: b, 3: Buffer.alloc(blockBytes), 9: c }, one);
  await write(other, { 1: b, 2: b, 9: c });
  const changes = {
    blocks: [
      { index: 1, inFirst: true },
      { index: 3, inFirst: true },
      { index: 9, inFirst: false },
    ],
  };
  for (const second of [two, other]) {
    const request = { first: disk(one), second: disk(second) };
    expect(await blocks.listChangedBlocks({ ...request, ...from0 })).toEqual(changes);
    expect(await blocks.listChangedBlocks({ ...request, startingBlock: 2, maxBlocks: 1 })).toEqual({
      blocks: [{ index: 3, inFirst: true }],
      nextBlock: 9,
    });
    expect(await blocks.shareLayers(request)).toBe(second === two);
  }
  expect(await blocks.listChangedBlocks({ first: disk(two), second: disk(other), ...from0 })).toEqual({
    blocks: [],
  });
});

test('a list comes in pages', async () => {
  await write(one, { 1: randomBytes(blockBytes), 2: randomBytes(blockBytes), 3: randomBytes(blockBytes) });
  const page = { disk: disk(one), startingBlock: 2, maxBlocks: 1 };
  expect(await blocks.listBlocks(page)).toEqual({ blocks: [2], nextBlock: 3 });
  await expect(blocks.listBlocks({ ...page, disk: disk(two) })).rejects.toThrow(`neither layer ${two}`);
});

test('a snapshot whose layer is gone is read from the vault', async () => {
  const [a, b] = [randomBytes(blockBytes), randomBytes(blockBytes)];
  await write(one, { 1: a });
  await write(two, { 1: b, 9: a }, one);
  const vault = openVault({
    store: directoryStore(join(root, 'vault')),
    regionName: 'us-east-1',
    log: silentLog,
    threads: 0,
  });
  byRegion.set('us-east-1', vault);
  const path = join(root, 'layers', `${two}.qcow2`);
  const source = await openQcow2Source(path, { backing: 'follow' });
  const { snapshotId } = disk(two);
  await vault.ingestSnapshot({ snapshotId, source });
  await source.close();
  await rm(path);
  await reopen();
  expect(await blocks.listBlocks({ disk: disk(two), ...from0 })).toEqual({ blocks: [1, 9] });
  expect((await contentOf(two, 1)).equals(b)).toBe(true);
  expect(await blocks.listChangedBlocks({ first: disk(one), second: disk(two), ...from0 })).toEqual({
    blocks: [
      { index: 1, inFirst: true },
      { index: 9, inFirst: false },
    ],
  });
  byRegion.clear();
  await blocks.close();
  await vault.close();
});
