import type { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../platform/log.ts';
import type { Factory } from '../factory.ts';
import { newVersion, openTestRegistry, type TestRegistry } from '../registry/testing/registry.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { applyCleanup } from './apply-cleanup.ts';
import { type CleanupPlan, planCleanup } from './plan-cleanup.ts';
import { restoreImage } from './retire-image.ts';
import type { RetentionRules } from './rules.ts';
import { accountsOf } from './sources/accounts.ts';
import { instancesOf } from './sources/instances.ts';
import { launchTemplatesOf } from './sources/launch-templates.ts';
import { channelsOf, childrenOf } from './sources/registry.ts';

const region = 'us-east-1';
let cloud: TestTarget;
let client: EC2;
let registry: TestRegistry;
let factory: Factory;
let today: Date;

beforeAll(async () => {
  cloud = await openTestTarget();
  client = await cloud.target.client(region);
});
afterAll(() => cloud.close());

beforeEach(async () => {
  registry = await openTestRegistry();
  today = new Date();
  factory = { db: registry.db, log: silentLog, now: () => today } as unknown as Factory;
  return () => registry.close();
});

/** A registered version of the template, oldest first. */
async function image(template: string, version: string): Promise<string> {
  const name = `${template}-${version}`;
  const { ImageId = '' } = await client.copyImage({
    Name: name,
    SourceImageId: cloud.baseImages[region] ?? '',
    SourceRegion: region,
  });
  await registry.add(newVersion({ template, version, imageId: ImageId }));
  return ImageId;
}

async function plan(template: string, rules: RetentionRules = { keepLatest: 1 }): Promise<CleanupPlan> {
  return await planCleanup(factory, {
    target: cloud.target,
    regions: [region],
    template,
    rulesOf: () => rules,
    fleets: [],
    sources: [channelsOf(factory), childrenOf(factory), instancesOf, launchTemplatesOf, accountsOf],
  });
}

function said({ decisions }: CleanupPlan): Readonly<Record<string, string>> {
  return Object.fromEntries(decisions.map((each) => [each.image.version, `${each.fate}: ${each.because}`]));
}

async function stateOf(imageId: string): Promise<string | undefined> {
  const { Images } = await client
    .describeImages({ ImageIds: [imageId], IncludeDisabled: true })
    .catch(() => ({ Images: [] }));
  return Images?.[0]?.State;
}

test('an image goes into the bin, can be taken out of it, and is deleted with its snapshot when its day comes', async () => {
  const [first, second] = [await image('bin', 'v1'), await image('bin', 'v2')];
  const options = { target: cloud.target, now: today, binDays: 7 };
  expect(said(await plan('bin'))).toEqual({
    v1: 'go: 1 newer than it, and the newest 1 stay',
    v2: 'keep: one of the newest 1 of bin',
  });

  await applyCleanup(await plan('bin'), options);
  expect(await stateOf(first)).toBe('disabled');
  await restoreImage({ target: cloud.target, region }, { imageId: first });
  expect(await stateOf(first)).toBe('available');

  await applyCleanup(await plan('bin'), options);
  expect((await plan('bin')).binned.map(({ imageId }) => imageId)).toEqual([first]);
  today = new Date(today.getTime() + 8 * 86_400_000);
  const [done] = await applyCleanup(await plan('bin'), { ...options, now: today });
  expect(done).toMatchObject({ what: 'deleted', id: first });
  expect(done?.freedBytes).toBeGreaterThan(0);
  expect([await stateOf(first), await stateOf(second)]).toEqual([undefined, 'available']);
  const { Snapshots } = await client.describeSnapshots({
    OwnerIds: ['self'],
    Filters: [{ Name: 'description', Values: [`*${first}*`] }],
  });
  expect(Snapshots).toEqual([]);
});

test('whoever needs an image is named', async () => {
  const versions = ['v1', 'v2', 'v3', 'v4', 'v5'];
  const ids: string[] = [];
  for (const version of versions) ids.push(await image('used', version));
  const [instance, template, shared, pinned, latest] = ids as [string, string, string, string, string];
  const { Instances } = await client.runInstances({ ImageId: instance, MinCount: 1, MaxCount: 1 });
  await client.createLaunchTemplate({
    LaunchTemplateName: 'fleet',
    LaunchTemplateData: { ImageId: template },
  });
  // A later version is the default: the first one counts all the same.
  await client.createLaunchTemplateVersion({
    LaunchTemplateName: 'fleet',
    LaunchTemplateData: { ImageId: latest },
  });
  await client.modifyImageAttribute({
    ImageId: shared,
    LaunchPermission: { Add: [{ UserId: '210987654321' }] },
  });
  await client.createTags({ Resources: [pinned], Tags: [{ Key: 'ingot:pin', Value: 'audit' }] });
  expect(said(await plan('used', { keepLatest: 0 }))).toEqual({
    v1: `keep: instance ${Instances?.[0]?.InstanceId} is made of it`,
    v2: 'keep: launch template fleet launches it in version 1',
    v3: 'keep: account 210987654321 may launch it',
    v4: 'keep: it is pinned: audit',
    v5: 'keep: channel latest of used points to it, and 1 more need it',
  });
});

test('a snapshot that a deregistered image left behind is found, and one that is in use is not', async () => {
  const [left, kept] = [await image('orphan', 'v1'), await image('orphan', 'v2')];
  await client.deregisterImage({ ImageId: left });
  const { orphans } = await plan('orphan');
  expect(orphans.map(({ imageId }) => imageId)).toEqual([left]);
  const steps = await applyCleanup(await plan('orphan'), { target: cloud.target, now: today, binDays: 7 });
  expect(steps).toMatchObject([{ what: 'snapshot-deleted', id: orphans[0]?.snapshotId }]);
  expect((await plan('orphan')).orphans).toEqual([]);
  expect(await stateOf(kept)).toBe('available');
});

test('a source that cannot answer stops the cleanup, for silence is not "nobody"', async () => {
  await image('silent', 'v1');
  await image('silent', 'v2');
  const question = planCleanup(factory, {
    target: cloud.target,
    regions: [region],
    template: 'silent',
    rulesOf: () => ({ keepLatest: 1 }),
    fleets: [],
    sources: [() => Promise.reject(new Error('no answer'))],
  });
  await expect(question).rejects.toThrow('no answer');
});
