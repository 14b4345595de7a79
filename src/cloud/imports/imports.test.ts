import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AccountId } from '../../platform/ids.ts';
import { type FlakyNode, flakyNode } from '../testing/flaky-node.ts';
import { launch } from '../testing/launch.ts';
import { accountA, accountB, eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import type { ImageToImport } from './import-image.ts';

let node: FlakyNode;
let cloud: TestCloud;
beforeEach(async () => {
  node = flakyNode();
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

const file: ImageToImport = {
  accountId: accountA,
  region: 'us-east-1',
  file: '/disks/web.vmdk',
  format: 'vmdk',
  name: 'web',
  description: 'from elsewhere',
  architecture: 'x86_64',
  firmware: 'bios',
  sshUser: 'admin',
};

const rested = (id: Parameters<TestCloud['admin']['diskFiles']['importStatus']>[0]) =>
  eventually(
    () => cloud.admin.diskFiles.importStatus(id),
    ({ state }) => state !== 'running',
  );

it('a disk file becomes an image of the account that asked, which can be launched', async () => {
  const id = await cloud.admin.diskFiles.importImage(file);
  const { state, imageId = '' } = await rested(id);
  expect(state).toBe('completed');
  const { Images } = await cloud.call('DescribeImages', { Owners: ['self'] });
  expect(Images).toMatchObject([
    {
      ImageId: imageId,
      Name: 'web',
      OwnerId: accountA,
      Description: 'from elsewhere',
      State: 'available',
      Public: false,
      Tags: [{ Key: 'ingot:ssh-user', Value: 'admin' }],
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId: id, VolumeSize: 1 } }],
    },
  ]);
  await launch(cloud, { ImageId: imageId });
  const stranger = await cloud
    .call('DescribeImages', { ImageIds: [imageId] }, { accountId: accountB })
    .catch((error: { code: string }) => error.code);
  expect(stranger).toBe('InvalidAMIID.NotFound');
});

it('an import that a restart interrupted goes on, and is done once', async () => {
  node.refuse('importFile', new Error('the wire broke'), 1_000_000);
  const id = await cloud.admin.diskFiles.importImage(file);
  await eventually(
    async () => node.count('importFile'),
    (count) => count > 1,
  );
  node.refuse('importFile', new Error(), 0);
  cloud = await cloud.reopen();
  expect((await rested(id)).state).toBe('completed');
  expect((await cloud.call('DescribeImages', { Owners: ['self'] })).Images).toHaveLength(1);
});

it('what breaks a rule is refused before anything is made', async () => {
  const refused = (changed: Partial<ImageToImport>) =>
    cloud.admin.diskFiles.importImage({ ...file, ...changed });
  await expect(refused({ name: 'x' })).rejects.toThrow('between 3 and 128');
  await expect(refused({ region: 'mars' })).rejects.toThrow("'mars' does not exist");
  await expect(refused({ architecture: 'arm64' })).rejects.toThrow('UEFI alone');
  await rested(await cloud.admin.diskFiles.importImage(file));
  await expect(refused({})).rejects.toThrow('web');
  expect((await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] })).Snapshots).toHaveLength(1);
});

it('one that fails says why and leaves nothing', async () => {
  const layers = (await node.listLayers()).length;
  node.refuse('importFile', new Error('the wire broke'), 1_000_000);
  const id = await cloud.admin.diskFiles.importImage(file);
  await cloud.call('DeleteSnapshot', { SnapshotId: id });
  node.refuse('importFile', new Error(), 0);
  expect(await rested(id)).toMatchObject({ state: 'failed', reason: expect.stringContaining('was deleted') });
  expect((await cloud.call('DescribeImages', { Owners: ['self'] })).Images).toEqual([]);
  await eventually(
    async () => (await node.listLayers()).length,
    (count) => count === layers,
  );
});

it('whoever may launch an image may export it, by the disk that is named', async () => {
  const image = {
    accountId: accountB as AccountId,
    region: 'us-east-1',
    imageId: cloud.baseImageId,
    file: '/tmp/out.raw',
    format: 'raw',
    overwrite: false,
  } as const;
  expect(await cloud.admin.diskFiles.exportImage(image)).toMatchObject({ state: 'completed' });
  await expect(cloud.admin.diskFiles.exportImage({ ...image, deviceName: '/dev/sdz' })).rejects.toThrow(
    '/dev/sda1',
  );
  const { imageId = '' } = await rested(await cloud.admin.diskFiles.importImage(file));
  await expect(cloud.admin.diskFiles.exportImage({ ...image, imageId })).rejects.toThrow(imageId);
});
