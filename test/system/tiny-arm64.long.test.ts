/** The small image for arm64: built for a foreign architecture, booted by UEFI, imaged while it runs, booted again. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Guest, launchGuest } from './cloud-guests.ts';
import { type CloudHome, openCloudHome } from './cloud-home.ts';

let home: CloudHome;
const guests: Guest[] = [];
let failed = false;

beforeAll(async () => {
  home = await openCloudHome();
});
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});
afterAll(async () => {
  for (const { shell } of guests) shell.close();
  await home?.close({ keep: failed });
});

async function launch(ImageId: string): Promise<Guest> {
  const guest = await launchGuest(home.ec2, { ImageId, InstanceType: 't4g.micro' }, 'ec2-user');
  guests.push(guest);
  return guest;
}

test('an arm64 machine boots, is imaged while it runs, and its image boots with what was written', async () => {
  const first = await launch(await home.addBase('tiny', 'arm64'));
  expect(await first.shell.run('uname -m')).toBe('aarch64');
  await first.shell.run('echo kept | sudo tee /etc/mark > /dev/null');
  const { ImageId = '' } = await home.ec2.createImage({ InstanceId: first.instanceId, Name: 'arm64-image' });
  const { Images: [image] = [] } = await home.ec2.describeImages({ ImageIds: [ImageId] });
  expect(image).toMatchObject({ State: 'available', Architecture: 'arm64' });
  const second = await launch(ImageId);
  expect(await second.shell.run('cat /etc/mark')).toBe('kept');
});
