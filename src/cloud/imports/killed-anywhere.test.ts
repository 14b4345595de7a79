/** An import is killed at each of its steps, and goes on when the server is back. */
import { expect, test } from 'vitest';
import { killedAtEachStep } from '../testing/killed-at-each-step.ts';
import { launch } from '../testing/launch.ts';
import { accountA, eventually, type TestCloud } from '../testing/open-test-cloud.ts';

const file = {
  accountId: accountA,
  region: 'us-east-1',
  file: '/disks/web.vmdk',
  format: 'vmdk',
  name: 'web',
  description: 'from elsewhere',
  architecture: 'x86_64',
  firmware: 'bios',
  sshUser: 'admin',
} as const;

async function imported(cloud: TestCloud): Promise<string> {
  const id = await cloud.admin.diskFiles.importImage(file);
  const { imageId = '' } = await eventually(
    () => cloud.admin.diskFiles.importStatus(id),
    ({ state }) => state !== 'running',
  );
  return imageId;
}

test('an import, killed at each step, is one image that can be launched, or nothing', async () => {
  const scenario = {
    name: 'import',
    call: imported,
    async after(cloud: TestCloud) {
      const { Images = [] } = await cloud.call('DescribeImages', { Owners: ['self'] });
      const { Snapshots = [] } = await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] });
      expect(Snapshots).toHaveLength(Images.length);
      const [image] = Images;
      await launch(cloud, { ImageId: image?.ImageId ?? (await imported(cloud)) });
    },
  };
  expect(await killedAtEachStep(scenario)).toBeGreaterThan(4);
}, 240_000);
