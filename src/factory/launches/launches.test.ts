import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { tagKeys } from '../aws/tags.ts';
import { recordVersion } from '../registry/record-version.ts';
import { parseReference } from '../registry/reference.ts';
import { revoke } from '../registry/revoke.ts';
import { newVersion } from '../registry/testing/registry.ts';
import { openTestFactory, type TestFactory } from '../testing/test-factory.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { findLaunchImage } from './find-launch-image.ts';
import { launchMachine } from './launch-machine.ts';
import { planLaunch } from './launch-plan.ts';
import { resolveLaunch } from './resolve-launch.ts';
import { templateUsage } from './usage.ts';

const region = 'us-east-1';
let cloud: TestTarget;
let ec2: EC2;
let opened: TestFactory;
let made = 0;

beforeAll(async () => {
  cloud = await openTestTarget();
  ec2 = await cloud.target.client(region);
});
afterAll(() => cloud.close());

beforeEach(async () => {
  opened = await openTestFactory(cloud);
  return () => opened.close();
});

/** A copy of the base in a region, under a name of its own. */
async function image(tags: Readonly<Record<string, string>> = {}, at = region) {
  made += 1;
  const name = `own-${made}`;
  const { ImageId: imageId = '' } = await (await cloud.target.client(at)).copyImage({
    Name: name,
    SourceImageId: cloud.baseImages[region] ?? '',
    SourceRegion: region,
    TagSpecifications: [
      { ResourceType: 'image', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ],
  });
  return { name, imageId };
}

async function version(name: string, at = region): Promise<string> {
  const { imageId } = await image({}, at);
  await recordVersion(opened.factory.db, newVersion({ version: name, imageId, region: at }));
  return imageId;
}

const ask = (name: string, given: { version?: string; region?: string } = {}) => {
  const question = { name, target: 'local', region, architecture: 'x86_64' as const, ...given };
  return resolveLaunch(opened.factory, question);
};

const template = (slug: string, more = '') =>
  writeFile(
    join(opened.templates, `${slug}.yml`),
    `name: ${slug}\ndescription: d\nbase_ami: {source: tiny}\nsetup_script: "true"\nports: [8080]\n${more}`,
  );

test('an empty factory takes image ids, own names and base images, as EC2 has them', async () => {
  const own = await image();
  expect(await ask(own.imageId)).toMatchObject({ way: 'id', imageId: own.imageId, sshUser: 'ec2-user' });
  expect(await ask(own.name)).toMatchObject({ way: 'name', imageId: own.imageId });
  expect(await ask('tiny')).toMatchObject({ way: 'base', imageId: cloud.baseImages[region] });
  const shared = await ask('ingot-tiny-x86_64-20260101');
  expect(shared).toMatchObject({ way: 'shared', imageName: 'ingot-tiny-x86_64-20260101' });
});

test('a template stands for its stable version, or its latest, or the one that is named', async () => {
  const first = await version('v1');
  const second = await version('v2');
  expect(await ask('web')).toMatchObject({ way: 'registry', imageId: second, version: 'v2', proven: true });
  expect(await ask('web@v1')).toMatchObject({ imageId: first, template: 'web', version: 'v1' });
  expect(await ask('web', { version: 'v1' })).toMatchObject({ imageId: first });
  expect(await ask(first)).toMatchObject({ way: 'id', template: 'web', version: 'v1', proven: true });
});

test('where the registry knows nothing, the tags of an image say what it is', async () => {
  const { imageId } = await image({ [tagKeys.template]: 'lost', [tagKeys.version]: 'v7' });
  expect(await ask('lost')).toMatchObject({ way: 'tag', imageId, version: 'v7', proven: false });
  expect(await ask('lost@v7')).toMatchObject({ imageId });
  await expect(ask('lost@v8')).rejects.toThrow("goes by 'lost@v8'");
});

test('the search of ami_config finds an image by its name', async () => {
  const { name, imageId } = await image();
  await template('searched', `ami_config: {ami_search: {name_pattern: "${name}*"}}\n`);
  expect(await ask('searched')).toMatchObject({ way: 'search', imageId, template: 'searched' });
});

test('an image that is in another region alone is told with its region', async () => {
  const imageId = await version('v1', 'eu-west-1');
  expect(await ask('web')).toMatchObject({ way: 'other-region', imageId, region: 'eu-west-1' });
  const launched = launchMachine(opened.factory, machine('web', 'far'));
  await expect(launched).rejects.toThrow(`ingot ami copy ${imageId} ${region} --region eu-west-1 brings it`);
});

test('a registered version whose image is gone gives way to the next place', async () => {
  const imageId = await version('v1');
  await ec2.deregisterImage({ ImageId: imageId });
  await template('web');
  const answer = await findLaunchImage(opened.factory, { name: 'web', target: 'local', region });
  expect(answer.outcome).toBe('build');
  expect(answer.steps[0]).toMatchObject({ way: 'registry', found: false });
  expect(answer.steps[0]?.detail).toContain(`${region} has no more`);
});

test('a revoked version is refused by name and by id, with what to launch instead', async () => {
  await version('v1');
  const imageId = await version('v2');
  const by = { by: 'test', why: 'a hole in OpenSSL' };
  await revoke(opened.factory, {
    reference: parseReference('web@v2'),
    descendants: false,
    target: 'local',
    ...by,
  });
  const refusal = `web@v2 is revoked (${imageId}): a hole in OpenSSL. Launch web@v1 in its place`;
  await expect(ask('web@v2')).rejects.toThrow(refusal);
  await expect(ask(imageId)).rejects.toThrow(`${imageId} is revoked (${imageId}): a hole in OpenSSL`);
  expect(await ask('web')).toMatchObject({ version: 'v1' });
});

test('a deprecated version can be launched, and says what replaces it', async () => {
  const imageId = await version('v1');
  const newer = await version('v2');
  const at = new Date(Date.now() + 90_000);
  await ec2.enableImageDeprecation({ ImageId: imageId, DeprecateAt: at });
  await opened.close();
  opened = await openTestFactory(cloud, { now: () => new Date(at.getTime() + 120_000) });
  for (const [name, id] of [
    ['v1', imageId],
    ['v2', newer],
  ] as const) {
    await recordVersion(opened.factory.db, newVersion({ version: name, imageId: id }));
  }
  const { warnings } = await ask('web@v1');
  expect(warnings).toEqual([
    expect.stringMatching(new RegExp(`^${imageId} is deprecated since .*: launch web@v2 instead`)),
  ]);
  expect((await ask('web@v2')).warnings).toEqual([]);
});

test('what nothing goes by is refused with where to look', async () => {
  await expect(ask('nothing-like-it')).rejects.toThrow(
    "Nothing in us-east-1 of the target local goes by 'nothing-like-it'",
  );
  await template('unbuilt');
  await expect(ask('unbuilt')).rejects.toThrow('ingot ami build unbuilt makes one');
});

const machine = (name: string, machineName: string) => ({
  ...{
    name,
    target: 'local',
    region,
    machineName,
    ports: [443],
    source: '127.0.0.1/32',
    tags: {},
    by: 'test',
  },
});

test('a launch opens the ports of the template, tags the machine, and counts for its usage', async () => {
  const imageId = await version('v1');
  await template('web', 'ami_config: {user_data_script: "#!/bin/sh\\ntrue"}\n');
  const { instanceId, plan } = await launchMachine(opened.factory, machine('web', 'web-1'));
  expect(plan).toMatchObject({ instanceType: 't3.micro', ports: [22, 443, 8080] });
  const { Reservations = [] } = await ec2.describeInstances({ InstanceIds: [instanceId] });
  const instance = Reservations[0]?.Instances?.[0];
  expect(instance?.ImageId).toBe(imageId);
  expect(Object.fromEntries((instance?.Tags ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
    Name: 'web-1',
    'ingot:ssh-user': 'ec2-user',
    'ingot:template': 'web',
    'ingot:version': 'v1',
  });
  // Launched by other means: counts among the machines, not among the launches.
  const { Instances = [] } = await ec2.runInstances({ ImageId: imageId, MinCount: 1, MaxCount: 1 });
  const both = [instanceId, Instances[0]?.InstanceId ?? ''];
  const usage = await templateUsage(opened.factory, { target: 'local', template: 'web' });
  expect(usage.templates).toMatchObject([
    { template: 'web', launches: 1, versions: [{ version: 'v1', launches: 1 }] },
  ]);
  expect(usage.templates[0]?.machines.map((each) => each.instanceId).sort()).toEqual(both.sort());
  await ec2.terminateInstances({ InstanceIds: both });
  const after = await templateUsage(opened.factory, { target: 'local' });
  expect(after.templates[0]).toMatchObject({ launches: 1, lastLaunchAt: expect.any(String) });
});

test('a size that the target has not is refused, a letter and a type are taken', async () => {
  const plan = (size: string) => planLaunch(opened.factory, { ...machine('tiny', 'x'), size });
  expect((await plan('M')).instanceType).toBe('t3.small');
  expect((await plan('m5.large')).instanceType).toBe('m5.large');
  await expect(plan('GPU-L')).rejects.toThrow(
    'The target local has no size GPU-L for x86_64. There are S (t3.micro)',
  );
  await expect(plan('XXL')).rejects.toThrow("'XXL' is no size for x86_64");
  await expect(plan('p5.48xlarge')).rejects.toThrow('us-east-1 of the target local offers no p5.48xlarge');
});
