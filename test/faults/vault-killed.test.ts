/**
 * The server is killed, as by `kill -9`, while it stores disks in its vault, a folder or a bucket of S3, as its
 * configuration says. Machines have no operating system; their disk has content all the same.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EBS } from '@aws-sdk/client-ebs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { adminClient, answered } from '../../src/cli/admin-client.ts';
import { localContext } from '../../src/cli/context.ts';
import { until } from '../../src/node/deadline.ts';
import type { SnapshotId } from '../../src/platform/ids.ts';
import { type S3Server, startS3Server } from '../system/vault/s3-server.ts';
import { addBaseFile, clear, launchBlank } from './blank-machines.ts';
import { type KillableServer, makeServerHome, region, type ServerHome } from './killable-server.ts';
import { bucketStore, folderStore, referredTo, type VaultStore } from './vault-store.ts';

const blockBytes = 2 ** 19;
const blocks = 160;
const deadline = { deadlineMs: 120_000, everyMs: 5 };

let home: ServerHome;
let server: KillableServer;
let s3: S3Server;
let failed = false;

beforeEach(async () => {
  s3 = await startS3Server();
});
afterEach(async ({ task }) => {
  failed ||= task.result?.state === 'fail';
  await server.close().catch(() => undefined);
  await home.dispose({ keep: failed });
  await s3.close();
  vi.unstubAllEnvs();
});

test('a disk whose ingest into a folder is killed again and again is stored whole, and nothing else', async () => {
  home = await makeServerHome({ stopDeadlineMs: 200 });
  const store = folderStore(home.folder);
  server = await home.start();
  const disk = await makeDisk(home);
  const { machine } = await imageOf(disk);
  expect(await killWhileStoring(store)).toBeGreaterThan(0);
  await allStored();
  await isWholeAndAlone(store, disk);
  await clear(server, [machine]);
});

test('CreateImage into S3, killed while it is stored, then evicted: its blocks are read and a machine runs from S3', async () => {
  await startHomeOnS3();
  const store = bucketStore(s3, 'vault');
  s3.delayMs = 100;
  const disk = await makeDisk(home);
  const { machine, imageId } = await imageOf(disk);
  expect(await killWhileStoring(store)).toBeGreaterThan(0);
  s3.delayMs = 0;
  await allStored();
  await isWholeAndAlone(store, disk);

  await clear(server, [machine]);
  await evictAll();
  const [root = ''] = await snapshotsOf(imageId);
  await blocksAreThose(root, disk);
  const again = await launchBlank(server, imageId);
  await clear(server, [again]);
  await isHere(disk);
});

async function startHomeOnS3(): Promise<void> {
  const { accessKeyId, secretAccessKey } = s3.credentials;
  const logins = `[vault]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`;
  home = await makeServerHome({ stopDeadlineMs: 200, blobs: bucketStore(s3, 'vault').blobs });
  const file = join(home.folder, 'logins');
  await writeFile(file, logins, { mode: 0o600 });
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file);
  server = await home.start();
}

/** What it stands on is stored before it. */
async function imageOf(disk: string): Promise<{ readonly machine: string; readonly imageId: string }> {
  const machine = await launchBlank(server, await addBaseFile(home, 'filled', disk));
  const image = await server.ec2.createImage({ InstanceId: machine, Name: 'image', NoReboot: true });
  return { machine, imageId: image.ImageId ?? '' };
}

/** 1 GiB with blocks that nobody can shrink, here and there. */
async function makeDisk({ folder }: ServerHome): Promise<string> {
  const file = join(folder, 'filled.raw');
  const handle = await open(file, 'wx');
  await handle.truncate(2 ** 30);
  for (let n = 0; n < blocks; n++) await handle.write(randomBytes(blockBytes), 0, blockBytes, placeOf(n));
  await handle.close();
  return file;
}

const placeOf = (n: number) => (n * 11 + 3) * blockBytes;

/** Answers how often it died before all was stored. */
async function killWhileStoring(store: VaultStore): Promise<number> {
  let inTime = 0;
  for (const count of [1, 50, 100]) {
    const there = async () => ((await store.chunks()) >= count ? true : undefined);
    await until(there, { ...deadline, what: `${count} chunks` });
    await server.kill();
    if ((await store.chunks()) < blocks) inTime++;
    server = await home.start();
  }
  return inTime;
}

async function admin() {
  const context = await localContext(home.folder);
  if (context === undefined) throw new Error('no server runs');
  return { vault: adminClient(context).vault, url: context.url };
}

async function allStored(): Promise<void> {
  const { vault, url } = await admin();
  const look = async () => {
    const { waiting } = await answered(vault[':region'].$get({ param: { region } }), url);
    return waiting === 0 ? true : undefined;
  };
  await until(look, { ...deadline, everyMs: 100, what: 'all snapshots in their vault' });
}

/** Every block reads as it was, and what no snapshot refers to is gone after a collection. */
async function isWholeAndAlone(store: VaultStore, disk: string): Promise<void> {
  const vault = store.open();
  const restored = join(home.folder, 'restored.raw');
  const ids = await vault.listSnapshots();
  const largest = await Promise.all(
    ids.map(async (id) => ({ id, blocks: (await vault.metadata(id))?.storedBlocks })),
  );
  const whole = largest.find((each) => each.blocks === blocks);
  await vault.restoreSnapshot({ snapshotId: whole?.id ?? ('' as SnapshotId), file: restored });
  await promisify(execFile)('cmp', [restored, disk]);
  expect((await vault.verify()).harms).toEqual([]);
  await store.age();
  await vault.collect({ graceMs: 0 });
  expect(await store.chunks()).toBe(await referredTo(vault));
  await vault.close();
}

/** Until no disk is left on the node. */
async function evictAll(): Promise<void> {
  const { vault, url } = await admin();
  const look = async () => {
    await answered(vault.evict.$post({ json: { dryRun: false } }), url);
    return (await layers()).length === 0 ? true : undefined;
  };
  await until(look, { ...deadline, everyMs: 200, what: 'a node without layers' });
}

const layers = () => readdir(join(home.nodeFolder, 'layers'));

async function snapshotsOf(imageId: string): Promise<readonly string[]> {
  const { Images: [image] = [] } = await server.ec2.describeImages({ ImageIds: [imageId] });
  return image?.BlockDeviceMappings?.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []) ?? [];
}

async function blocksAreThose(SnapshotId: string, disk: string): Promise<void> {
  const ebs = new EBS({ endpoint: server.url, region, credentials: server.ec2.config.credentials });
  const { Blocks = [] } = await ebs.listSnapshotBlocks({ SnapshotId });
  expect(Blocks).toHaveLength(blocks);
  const handle = await open(disk, 'r');
  for (const { BlockIndex = 0, BlockToken } of Blocks.slice(-3)) {
    const { BlockData } = await ebs.getSnapshotBlock({ SnapshotId, BlockIndex, BlockToken });
    const { buffer } = await handle.read(Buffer.alloc(blockBytes), 0, blockBytes, BlockIndex * blockBytes);
    expect(Buffer.from((await BlockData?.transformToByteArray()) ?? []).equals(buffer)).toBe(true);
  }
  await handle.close();
  ebs.destroy();
}

/** The disk that came from the vault is a file of its own again. */
async function isHere(disk: string): Promise<void> {
  const look = async () => {
    const records = await readdir(join(home.nodeFolder, 'served'));
    if (records.some((name) => name.endsWith('.json'))) return undefined;
    for (const layer of await layers()) {
      const file = join(home.nodeFolder, 'layers', layer);
      const compared = promisify(execFile)('qemu-img', ['compare', '-F', 'raw', '-f', 'qcow2', file, disk]);
      if (
        await compared.then(
          () => true,
          () => false,
        )
      )
        return true;
    }
    return undefined;
  };
  await until(look, { ...deadline, everyMs: 500, what: 'the disk, back from the vault' });
}
