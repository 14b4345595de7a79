/** What an image of a real machine costs, and that a deleted one comes back and boots with its data. */
import { waitUntilImageAvailable, waitUntilInstanceTerminated } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { apiClient, replied } from '../../src/cli/api-client.ts';
import { launchGuest } from './cloud-guests.ts';
import { type CloudHome, openCloudHome } from './cloud-home.ts';

let home: CloudHome;
let failed = false;

beforeAll(async () => {
  home = await openCloudHome();
});
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});
afterAll(() => home?.close({ keep: failed }));

const mib = 1024 ** 2;

test('a second image of a machine costs what it wrote since; deleted and restored, it boots with that', {
  timeout: 900_000,
}, async () => {
  const { ec2, context } = home;
  const { ami } = apiClient(context);
  const guest = await launchGuest(ec2, { ImageId: await home.addBase('tiny') });
  const imageOf = async (Name: string) => {
    const { ImageId = '' } = await ec2.createImage({ InstanceId: guest.instanceId, Name });
    await waitUntilImageAvailable(waiting(), { ImageIds: [ImageId] });
    return ImageId;
  };
  const first = await imageOf('first');
  await guest.shell.run('dd if=/dev/urandom of=written bs=1M count=6 2>/dev/null; sync');
  const written = await guest.shell.run('sha256sum written');
  const second = await imageOf('second');
  guest.shell.close();
  await ec2.terminateInstances({ InstanceIds: [guest.instanceId] });
  await waitUntilInstanceTerminated(waiting(), { InstanceIds: [guest.instanceId] });

  const costs = await replied(ami.costs.$get({ query: {} }), context.url);
  const bytesOf = (id: string) =>
    (costs.images.find((each) => each.ami_id === id)?.stored_gb ?? 0) * 1024 ** 3;
  const counted = Object.fromEntries(costs.images.map((each) => [each.name, each.counted]));
  expect(counted).toEqual({ first: 'blocks', second: 'unique-blocks' });
  expect(bytesOf(second)).toBeGreaterThanOrEqual(5.9 * mib);
  expect(bytesOf(second)).toBeLessThan(bytesOf(first));
  expect(costs.total.storage_per_month).toBeGreaterThan(0);

  const json = { ami_id: 'second', by: 'test' };
  const { images, done } = await replied(ami.delete.$post({ json }), context.url);
  expect(images).toMatchObject([{ ami_id: second, used_by: [], snapshots: [{ goes: true }] }]);
  expect(done).toMatchObject([{ what: 'deleted', restorable_until: expect.any(String) }]);
  const { Snapshots = [] } = await ec2.describeSnapshots({ OwnerIds: ['self'] });
  expect(Snapshots).toHaveLength(1);

  await replied(ami.restore.$post({ json }), context.url);
  const again = await launchGuest(ec2, { ImageId: second });
  expect(await again.shell.run('sha256sum written')).toBe(written);
  again.shell.close();
});

function waiting() {
  return { client: home.ec2, maxWaitTime: 240, minDelay: 0.2, maxDelay: 0.5 };
}
