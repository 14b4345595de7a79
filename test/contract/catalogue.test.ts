import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Image } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { fetchEnded, startFetch } from '../../src/factory/catalogue/fetches.ts';
import { addCatalogue, inspectCatalogue } from '../../src/factory/catalogue/known-catalogues.ts';
import { publicationEnded, startPublication } from '../../src/factory/catalogue/publications.ts';
import { findLaunchImage } from '../../src/factory/launches/find-launch-image.ts';
import { launchMachine } from '../../src/factory/launches/launch-machine.ts';
import { recordVersion } from '../../src/factory/registry/record-version.ts';
import { newVersion } from '../../src/factory/registry/testing/registry.ts';
import { openTestFactory, type TestFactory } from '../../src/factory/testing/test-factory.ts';
import { openTestTarget, type TestTarget } from '../../src/factory/testing/test-target.ts';

const region = 'us-east-1';

const blockBytes = 512 * 1024;
/** Who publishes, and somebody elsewhere, whose cloud has none of it. */
let here: TestTarget;
let there: TestTarget;
let publisher: TestFactory;
let reader: TestFactory;
let folder: string;
let imageId: string;

beforeAll(async () => {
  [here, there] = [await openTestTarget(), await openTestTarget()];
});
afterAll(async () => {
  await here.close();
  await there.close();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-fetch-'));
  [publisher, reader] = [await openTestFactory(here), await openTestFactory(there)];
  imageId = await imageOfBlocks({ 3: 'abc', 2047: 'the last' });
  await recordVersion(publisher.factory.db, newVersion({ version: 'v1', imageId }));
  return async () => {
    await publisher.close();
    await reader.close();
    await rm(folder, { recursive: true });
  };
});

const contentOf = (text: string) => Buffer.alloc(blockBytes, text);

/** An image over one disk of 1 GiB that holds these blocks. */
async function imageOfBlocks(blocks: Readonly<Record<number, string>>): Promise<string> {
  const { createHash } = await import('node:crypto');
  const [ebs, ec2] = [await here.target.ebs(region), await here.target.client(region)];
  const { SnapshotId } = await ebs.startSnapshot({ VolumeSize: 1 });
  for (const [index, text] of Object.entries(blocks)) {
    const BlockData = contentOf(text);
    await ebs.putSnapshotBlock({
      ...{ SnapshotId, BlockIndex: Number(index), BlockData, DataLength: blockBytes },
      Checksum: createHash('sha256').update(BlockData).digest('base64'),
      ChecksumAlgorithm: 'SHA256',
    });
  }
  await ebs.completeSnapshot({ SnapshotId, ChangedBlocksCount: Object.keys(blocks).length });
  await expect
    .poll(
      async () => (await ec2.describeSnapshots({ SnapshotIds: [SnapshotId ?? ''] })).Snapshots?.[0]?.State,
      {
        timeout: 30_000,
      },
    )
    .toBe('completed');
  const { ImageId = '' } = await ec2.registerImage({
    ...{
      Name: `blocks-${Date.now()}`,
      Architecture: 'x86_64',
      RootDeviceName: '/dev/xvda',
      BootMode: 'uefi',
    },
    VirtualizationType: 'hvm',
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId, VolumeSize: 1 } }],
  });
  return ImageId;
}

async function publish(disks: boolean): Promise<void> {
  const request = { target: 'local', folder, name: 'lab', description: '', disks, reference: 'web@v1' };
  const id = await startPublication(publisher.factory, { ...request, sshUser: 'ec2-user' });
  expect(await publicationEnded(publisher.factory, id)).toMatchObject({ status: 'completed' });
  const { location, fingerprint } = await inspectCatalogue(folder);
  await addCatalogue(reader.factory, location, fingerprint);
}

const question = { name: 'lab/web', target: 'local', region, architecture: 'x86_64' as const };
const fetch = async () => await fetchEnded(reader.factory, await startFetch(reader.factory, question));

async function imagesThere(): Promise<readonly Image[]> {
  const ec2 = await there.target.client(region);
  return (await ec2.describeImages({ Owners: ['self'] })).Images ?? [];
}

test('what another cloud published is fetched with its disks, block by block, and launched', async () => {
  await publish(true);
  expect(await findLaunchImage(reader.factory, question)).toMatchObject({
    outcome: 'fetch',
    catalogue: 'lab',
  });
  const fetched = await fetch();
  expect(fetched).toMatchObject({ status: 'completed', entry: 'lab/web@v1' });
  const [image] = await imagesThere();
  expect(image).toMatchObject({ ImageId: fetched.imageId, BootMode: 'uefi', RootDeviceName: '/dev/xvda' });
  const snapshotId = image?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
  const ebs = await there.target.ebs(region);
  const { Blocks = [] } = await ebs.listSnapshotBlocks({ SnapshotId: snapshotId });
  const texts: string[] = [];
  for (const { BlockIndex, BlockToken } of Blocks) {
    const { BlockData } = await ebs.getSnapshotBlock({ SnapshotId: snapshotId, BlockIndex, BlockToken });
    const content = Buffer.from((await BlockData?.transformToByteArray()) ?? []);
    texts.push(`${BlockIndex} ${['abc', 'the last'].find((text) => content.equals(contentOf(text)))}`);
  }
  expect(texts).toEqual(['3 abc', '2047 the last']);
  const answer = await findLaunchImage(reader.factory, question);
  expect(answer).toMatchObject({
    outcome: 'image',
    choice: { way: 'catalogue', imageId: fetched.imageId },
  });
  const machine = { machineName: 'w', ports: [], source: '127.0.0.1/32', tags: {}, by: 'test' };
  const { choice, instanceId } = await launchMachine(reader.factory, { ...question, ...machine });
  expect(choice).toMatchObject({ template: 'lab/web', version: 'v1', proven: true, sshUser: 'ec2-user' });
  await (await there.target.client(region)).terminateInstances({ InstanceIds: [instanceId] });
  expect(await readdir(join(reader.directory, 'builds', fetched.id))).toEqual(['events.jsonl']);
  await removeAll();
});

test('one byte altered in a disk: the fetch is refused, and nothing is left of it', async () => {
  await publish(true);
  const place = join(folder, 'entries/web/v1/x86_64');
  const [disk = ''] = (await readdir(place)).filter((name) => name.startsWith('disk-'));
  const bytes = await readFile(join(place, disk));
  const at = bytes.length >> 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  await writeFile(join(place, disk), bytes);
  const fetched = await fetch();
  expect(fetched.status).toBe('failed');
  expect(fetched.error).toContain(
    `has a entries/web/v1/x86_64/${disk} that is not the one that was published`,
  );
  expect(fetched.error).toContain('Nothing of it is used');
  expect(await imagesThere()).toEqual([]);
  const { Snapshots } = await (await there.target.client(region)).describeSnapshots({ OwnerIds: ['self'] });
  expect(Snapshots).toEqual([]);
});

test('one byte altered in the index or the manifest: the launch is refused', async () => {
  await publish(true);
  for (const file of ['catalogue.dsse.json', 'entries/web/v1/x86_64/manifest.json']) {
    const intact = await readFile(join(folder, file));
    const bytes = Buffer.from(intact);
    const at = bytes.length >> 1;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(join(folder, file), bytes);
    await expect(findLaunchImage(reader.factory, question), file).rejects.toThrow('Nothing of it is used');
    await writeFile(join(folder, file), intact);
  }
});

test('without disks, only those who its images are shared with launch it', async () => {
  await publish(false);
  const answer = await findLaunchImage(reader.factory, question);
  expect(answer.outcome).toBe('none');
  expect(answer.steps[0]?.detail).toContain('brings no disks, and none of its images is shared');
  await expect(fetch()).rejects.toThrow('ingot ami publish --disks');
});

test('an image that is shared is launched as it is, by another account of the cloud', async () => {
  await publish(false);
  const ec2 = await here.target.client(region);
  const other = await openTestFactory({ ...here, credentials: await here.account('research') });
  const { location, fingerprint } = await inspectCatalogue(folder);
  await addCatalogue(other.factory, location, fingerprint);
  expect((await findLaunchImage(other.factory, question)).outcome).toBe('none');
  await ec2.modifyImageAttribute({ ImageId: imageId, LaunchPermission: { Add: [{ Group: 'all' }] } });
  const machine = { machineName: 'w', ports: [], source: '127.0.0.1/32', tags: {}, by: 'test' };
  const { choice } = await launchMachine(other.factory, { ...question, ...machine });
  expect(choice).toMatchObject({ way: 'catalogue', imageId, template: 'lab/web', version: 'v1' });
  expect(choice.why).toContain(`verified (signed by ${fingerprint})`);
  await other.close();
});

async function removeAll(): Promise<void> {
  const ec2 = await there.target.client(region);
  for (const { ImageId } of await imagesThere()) {
    await ec2.deregisterImage({ ImageId, DeleteAssociatedSnapshots: true });
  }
}
