/** A full distribution, built by its recipe: cloud-init does what it does on EC2. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Guest, launchGuest } from './cloud-guests.ts';
import { type CloudHome, openCloudHome } from './cloud-home.ts';

let home: CloudHome;
let guest: Guest;
let failed = false;

const userData = `#!/bin/sh
echo "as $(whoami)" > /var/lib/user-data-ran
`;

beforeAll(async () => {
  home = await openCloudHome();
  guest = await launchGuest(
    home.ec2,
    {
      ImageId: await home.addBase('debian-12'),
      InstanceType: 't3.small',
      UserData: Buffer.from(userData).toString('base64'),
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 6 } }],
    },
    'admin',
  );
}, 900_000);
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});
afterAll(async () => {
  guest?.shell.close();
  await home?.close({ keep: failed });
});

test('Debian 12 has its name, the key, its user data run once, and the root grown', {
  timeout: 600_000,
}, async () => {
  const { shell, instanceId } = guest;
  await shell.run('cloud-init status --wait');
  const { Reservations: [shown] = [] } = await home.ec2.describeInstances({ InstanceIds: [instanceId] });
  const name = (shown?.Instances?.[0]?.PrivateDnsName ?? '').split('.')[0];
  expect(await shell.run('hostname')).toBe(name);
  expect(await shell.run('cloud-init query instance_id')).toBe(instanceId);
  expect(await shell.run('sudo cat /var/lib/user-data-ran')).toBe('as root');
  expect(await shell.run('cat ~/.ssh/authorized_keys')).toContain('ssh-ed25519');
  const rootKiB = Number(await shell.run('df --output=size / | tail -n 1'));
  expect(rootKiB).toBeGreaterThan(5 * 2 ** 20);
  expect(await shell.run('. /etc/os-release; echo $ID $VERSION_ID')).toBe('debian 12');
});
