import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { awsAliases } from './aliases.ts';
import { resolveBase } from './resolve-base.ts';

let rig: TestTarget;
beforeAll(async () => {
  rig = await openTestTarget();
});
afterAll(() => rig.close());

const here = { region: 'us-west-2', architecture: 'x86_64' } as const;

test("an alias is the newest of Ingot's own images in the region", async () => {
  const imageId = rig.baseImages['us-west-2'] ?? '';
  expect(await resolveBase(rig.target, { source: 'tiny', ...here })).toEqual({
    imageId,
    name: 'ingot-tiny-x86_64-20260101',
    sshUser: 'ec2-user',
    rootDevice: '/dev/sda1',
    minSizeGiB: expect.any(Number),
    digest: imageId,
  });
});

test('an id stands for itself, and one of another region is not found', async () => {
  const imageId = rig.baseImages['us-west-2'] ?? '';
  expect((await resolveBase(rig.target, { source: imageId, ...here })).imageId).toBe(imageId);
  const elsewhere = rig.baseImages['us-east-1'] ?? '';
  await expect(resolveBase(rig.target, { source: elsewhere, ...here })).rejects.toThrow(
    `There is no image ${elsewhere} in us-west-2 of local`,
  );
});

test('an own image goes by its name, and its user is that of the base that it came from', async () => {
  const ec2 = await rig.target.client('us-west-2');
  const source = rig.baseImages['us-west-2'];
  const { ImageId: copy = '' } = await ec2.copyImage({
    Name: 'mine',
    SourceImageId: source,
    SourceRegion: 'us-west-2',
  });
  await expect
    .poll(async () => (await ec2.describeImages({ ImageIds: [copy] })).Images?.[0]?.State, {
      timeout: 30_000,
    })
    .toBe('available');
  expect(await resolveBase(rig.target, { source: 'mine', ...here })).toMatchObject({
    imageId: copy,
    name: 'mine',
    sshUser: 'ec2-user',
  });
});

test('what is not there is told with what is, and with the way to add it', async () => {
  await expect(resolveBase(rig.target, { source: 'debian-12', ...here })).rejects.toThrow(
    "No base image 'debian-12' for x86_64 in us-west-2 of the target local: there are tiny. " +
      'ingot image base add debian-12 makes it',
  );
  await expect(
    resolveBase(rig.target, { source: 'tiny', region: 'us-west-2', architecture: 'arm64' }),
  ).rejects.toThrow('there are no base images for it yet. ingot image base add tiny --arch arm64 makes it');
  await expect(resolveBase(rig.target, { source: 'tny', ...here })).rejects.toThrow('Did you mean tiny?');
});

test('an image of the other architecture is refused', async () => {
  const source = rig.baseImages['us-west-2'] ?? '';
  await expect(
    resolveBase(rig.target, { source, region: 'us-west-2', architecture: 'arm64' }),
  ).rejects.toThrow('is for x86_64, not for arm64');
});

test('on AWS an unknown name is answered with the known ones', async () => {
  const aws = { ...rig.target, name: 'prod', kind: 'aws' } as const;
  await expect(resolveBase(aws, { source: 'ubuntu-22.04', ...here })).rejects.toThrow(
    "No image for x86_64 in us-west-2 of the target prod goes by 'ubuntu-22.04'. Did you mean ubuntu-22.04-lts?",
  );
});

test('published images are named as their publishers name them', () => {
  const nameOf = (alias: string, architecture: 'x86_64' | 'arm64') =>
    awsAliases[alias]?.(architecture).namePattern;
  const fits = (pattern: string | undefined, name: string) =>
    new RegExp(`^${pattern?.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(name);
  expect(
    fits(
      nameOf('ubuntu-22.04-lts', 'x86_64'),
      'ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20231201',
    ),
  ).toBe(true);
  expect(
    fits(
      nameOf('ubuntu-24.04-lts', 'arm64'),
      'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20240423',
    ),
  ).toBe(true);
  expect(fits(nameOf('debian-12', 'arm64'), 'debian-12-arm64-20240702-1796')).toBe(true);
  expect(fits(nameOf('amazon-linux-2023', 'x86_64'), 'al2023-ami-2023.5.20240624.0-kernel-6.1-x86_64')).toBe(
    true,
  );
  expect(
    fits(nameOf('amazon-linux-2023', 'x86_64'), 'al2023-ami-minimal-2023.5.20240624.0-kernel-6.1-x86_64'),
  ).toBe(false);
});
