/** What an image stands on may go; and what a guest finds when it looks at the host that it runs on. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { waitUntilImageAvailable, waitUntilInstanceTerminated } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Guest, launchGuest } from './cloud-guests.ts';
import { type CloudHome, openCloudHome } from './cloud-home.ts';

let home: CloudHome;
let first: Guest;
let failed = false;

beforeAll(async () => {
  home = await openCloudHome();
  const ImageId = await home.addBase('tiny');
  first = await launchGuest(home.ec2, {
    ImageId,
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 1, DeleteOnTermination: false } }],
  });
});
afterEach(({ task }) => {
  failed ||= task.result?.state === 'fail';
});
afterAll(async () => {
  first?.shell.close();
  await home?.close({ keep: failed });
});

test('a guest that reaches the host by its gateway is let in nowhere without a signature or a token', async () => {
  const url = new URL(home.context.url);
  // One door: what else the server opens has to be named here, and tried.
  expect(await listeningPorts()).toEqual([Number(url.port)]);
  const ask = async (request: string) =>
    await first.shell.run(
      `gateway=$(ip route | awk '/^default/ { print $3 }'); printf '${request} HTTP/1.0\\r\\nHost: x\\r\\n\\r\\n' | nc -w 20 $gateway ${url.port}`,
    );
  expect(await ask('GET /health')).toMatch(/^HTTP\/1\.1 200 /);
  for (const closed of [
    'GET /?Action=DescribeInstances&Version=2016-11-15',
    'POST /',
    'GET /admin/v1/status',
    'POST /admin/v1/bases',
    'GET /api/v1/templates',
    'GET /snapshots/snap-0123456789abcdef0/blocks',
    'GET /',
  ]) {
    expect(await ask(closed), closed).toMatch(/^HTTP\/1\.1 (400|401|403|404) /);
  }
});

test('an image boots with all its data when its source, the volumes and the parent image are gone', {
  timeout: 900_000,
}, async () => {
  const { ec2 } = home;
  const [, data = ''] = await volumesOf(first);
  const disk = `/dev/disk/by-id/virtio-${data.replace('-', '')}`;
  await first.shell.run(
    `sudo mkfs.ext4 -q ${disk} && sudo mount ${disk} /mnt && echo data | sudo tee /mnt/data`,
  );
  await first.shell.run('echo first > generation');
  const parent = await imageOf(first, 'parent');

  const second = await launchGuest(ec2, { ImageId: parent });
  expect(await second.shell.run('cat generation')).toBe('first');
  await second.shell.run('echo second >> generation');
  const child = await imageOf(second, 'child');
  second.shell.close();

  await terminate(first, second);
  const { Volumes: volumes = [] } = await ec2.describeVolumes({});
  expect(volumes.length).toBeGreaterThan(0);
  for (const { VolumeId } of volumes) await ec2.deleteVolume({ VolumeId });
  await ec2.deregisterImage({ ImageId: parent, DeleteAssociatedSnapshots: true });
  expect((await ec2.describeSnapshots({ OwnerIds: ['self'] })).Snapshots).toHaveLength(2);

  const third = await launchGuest(ec2, { ImageId: child });
  expect(await third.shell.run('cat generation')).toBe('first\nsecond');
  const [, copied = ''] = await volumesOf(third);
  await third.shell.run(`sudo mount /dev/disk/by-id/virtio-${copied.replace('-', '')} /mnt`);
  expect(await third.shell.run('cat /mnt/data')).toBe('data');
  third.shell.close();
});

async function imageOf({ instanceId }: Guest, Name: string): Promise<string> {
  const { ImageId = '' } = await home.ec2.createImage({ InstanceId: instanceId, Name });
  await waitUntilImageAvailable(waiting(), { ImageIds: [ImageId] });
  return ImageId;
}

async function terminate(...guests: readonly Guest[]): Promise<void> {
  const InstanceIds = guests.map((guest) => guest.instanceId);
  await home.ec2.terminateInstances({ InstanceIds });
  await waitUntilInstanceTerminated(waiting(), { InstanceIds });
}

/** The root first. */
async function volumesOf({ instanceId }: Guest): Promise<readonly string[]> {
  const { Reservations: [shown] = [] } = await home.ec2.describeInstances({ InstanceIds: [instanceId] });
  const mappings = shown?.Instances?.[0]?.BlockDeviceMappings ?? [];
  return mappings.map((mapping) => mapping.Ebs?.VolumeId ?? '');
}

function waiting() {
  return { client: home.ec2, maxWaitTime: 240, minDelay: 0.2, maxDelay: 0.5 };
}

/** Of this process, as the kernel knows it. */
async function listeningPorts(): Promise<readonly number[]> {
  const descriptors = await readdir('/proc/self/fd');
  const mine = new Set(
    await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => ''))),
  );
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/self/net/${name}`, 'utf8')));
  const ports = tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const listens = state === '0A' && mine.has(`socket:[${inode}]`);
      return listens ? [Number.parseInt(local.split(':').at(-1) ?? '', 16)] : [];
    }),
  );
  return [...new Set(ports)];
}
