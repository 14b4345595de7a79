import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { promote } from '../registry/promote.ts';
import { recordVersion } from '../registry/record-version.ts';
import { newVersion } from '../registry/testing/registry.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { applyCleanup } from './apply-cleanup.ts';
import { type CleanupOrder, cleanUp, cleanupPlan } from './cleanup.ts';
import type { CleanupPlan } from './plan-cleanup.ts';
import type { ReferenceSources } from './references.ts';
import { restoreImage } from './retire-image.ts';
import type { RetentionRules } from './rules.ts';
import { everySource } from './sources/every-source.ts';
import { instancesOf } from './sources/instances.ts';
import { openTestRetention, type RetentionFactory, type TestRetention } from './testing/retention.ts';

const region = 'us-east-1';
let cloud: TestTarget;
let client: EC2;
let retention: TestRetention;
let factory: RetentionFactory;

beforeAll(async () => {
  cloud = await openTestTarget();
  client = await cloud.target.client(region);
});
afterAll(() => cloud.close());

beforeEach(async () => {
  const fleets = [{ managedBy: 'Deployer', versionKey: 'AppVersion', template: 'fleet' }];
  retention = await openTestRetention(cloud.target, { deprecateDays: 0, fleets });
  factory = retention.factory;
  return () => retention.close();
});

/** A registered version of the template, oldest first. */
async function image(template: string, version: string): Promise<string> {
  const { ImageId = '' } = await client.copyImage({
    Name: `${template}-${version}-${Date.now()}`,
    SourceImageId: cloud.baseImages[region] ?? '',
    SourceRegion: region,
  });
  await recordVersion(factory.db, newVersion({ template, version, imageId: ImageId }));
  return ImageId;
}

function order(template: string, rules: RetentionRules = { keepLatest: 1 }): CleanupOrder {
  return { target: 'local', region, template, rules };
}

const plan = (template: string, rules?: RetentionRules) => cleanupPlan(factory, order(template, rules));

function said({ decisions }: CleanupPlan): Readonly<Record<string, string>> {
  return Object.fromEntries(decisions.map((each) => [each.image.version, `${each.fate}: ${each.because}`]));
}

async function stateOf(imageId: string): Promise<string | undefined> {
  const { Images } = await client
    .describeImages({ ImageIds: [imageId], IncludeDisabled: true })
    .catch(() => ({ Images: [] }));
  return Images?.[0]?.State;
}

async function notices(): Promise<readonly string[]> {
  const rows = await factory.db.read.selectFrom('notices').select('body').execute();
  return rows.map(({ body }) => (JSON.parse(body) as { readonly message: string }).message);
}

test('an image goes into the bin, can be taken out of it, and is deleted with its snapshot when its day comes', async () => {
  const [first, second] = [await image('bin', 'v1'), await image('bin', 'v2')];
  expect(said(await plan('bin'))).toEqual({
    v1: 'go: 1 newer than it, and the newest 1 stay',
    v2: 'keep: one of the newest 1 of bin',
  });

  await cleanUp(factory, order('bin'), {});
  expect(await stateOf(first)).toBe('disabled');
  expect(await notices()).toEqual([
    `bin v1 (${first}) lies in the bin for 7 days: 1 newer than it, and the newest 1 stay`,
  ]);
  await restoreImage({ target: cloud.target, region }, { imageId: first });
  expect(await stateOf(first)).toBe('available');

  await cleanUp(factory, order('bin'), {});
  expect((await plan('bin')).binned.map(({ imageId }) => imageId)).toEqual([first]);
  retention.wait(8);
  const { steps } = await cleanUp(factory, order('bin'), {});
  expect(steps).toMatchObject([{ what: 'deleted', id: first }]);
  expect(steps[0]?.freedBytes).toBeGreaterThan(0);
  expect([await stateOf(first), await stateOf(second)]).toEqual([undefined, 'available']);
  const { Snapshots } = await client.describeSnapshots({
    OwnerIds: ['self'],
    Filters: [{ Name: 'description', Values: [`*${first}*`] }],
  });
  expect(Snapshots).toEqual([]);
  // Its name is free again.
  await image('bin', 'v1');
});

test('an image is deprecated first, and goes when its days are over and still nobody needs it', async () => {
  const ids = [await image('slow', 'v1'), await image('slow', 'v2'), await image('slow', 'v3')];
  const slowly = { ...order('slow'), deprecateDays: 7 };
  const { steps } = await cleanUp(factory, slowly, {});
  expect(steps.map(({ what }) => what)).toEqual(['deprecated', 'deprecated']);
  const { Images: [deprecated] = [] } = await client.describeImages({ ImageIds: [ids[0] ?? ''] });
  expect(deprecated?.State).toBe('available');
  expect(deprecated?.DeprecationTime).toBeDefined();
  expect(said(await cleanupPlan(factory, slowly)).v1).toMatch(/^deprecated: .* it goes after \d{4}-/);

  await client.createTags({ Resources: [ids[1] ?? ''], Tags: [{ Key: 'ingot:pin', Value: 'audit' }] });
  retention.wait(8);
  const later = await cleanUp(factory, slowly, {});
  expect(later.steps.map(({ what, id }) => [what, id])).toEqual([
    ['spared', ids[1]],
    ['binned', ids[0]],
  ]);
  const { Images: [spared] = [] } = await client.describeImages({ ImageIds: [ids[1] ?? ''] });
  expect(spared?.DeprecationTime).toBeUndefined();
});

test('whoever needs an image is named', async () => {
  const versions = ['v1', 'v2', 'v3', 'v4', 'v5', 'v6', 'v7', 'v8'];
  const ids: string[] = [];
  for (const version of versions) ids.push(await image('used', version));
  const [instance, template, shared, pinned, named, published, deployed, latest] = ids as [
    string,
    ...string[],
  ];
  const { Instances } = await client.runInstances({ ImageId: instance, MinCount: 1, MaxCount: 1 });
  const launchTemplate = (ImageId: string | undefined) => ({
    LaunchTemplateName: 'fleet',
    LaunchTemplateData: { ImageId },
  });
  await client.createLaunchTemplate(launchTemplate(template));
  // A later version is the default: the first one counts all the same.
  await client.createLaunchTemplateVersion(launchTemplate(latest));
  await client.modifyImageAttribute({
    ImageId: shared,
    LaunchPermission: { Add: [{ UserId: '210987654321' }] },
  });
  await client.createTags({ Resources: [pinned ?? ''], Tags: [{ Key: 'ingot:pin', Value: 'audit' }] });
  const [templates = ''] = factory.directories.templates;
  await mkdir(templates);
  await writeFile(
    join(templates, 'shop.yml'),
    `name: Shop\nbase_ami: {source: ${named}}\nsetup_script: 'true'\n`,
  );
  await factory.db.write(async (tx) => {
    const entry = { folder: '/catalogue', template: 'used', version: 'v6', architecture: 'x86_64' };
    await tx
      .insertInto('publications')
      .values({ ...entry, target: 'local', region, image_id: published ?? '' })
      .execute();
    await tx
      .insertInto('deployments')
      .values({
        ...{ id: 'deployment-1', job_name: 'shop-1', deployment_type: 'shop', version: '1', mode: null },
        ...{ target: 'local', region, architecture: 'x86_64', parameters: '{}', status: 'ready' },
        ...{ deployment_stage: 'ready', ready: 1, ready_check_attempts: 1, use_cached_ami: 1 },
        ...{ ami_id: deployed ?? '', created_at: '', ami_creation_attempts: 0, template_digest: 'd' },
      } as never)
      .execute();
  });
  expect(said(await plan('used', { keepLatest: 0 }))).toEqual({
    v1: `keep: instance ${Instances?.[0]?.InstanceId} is made of it`,
    v2: 'keep: launch template fleet launches it in version 1',
    v3: 'keep: account 210987654321 may launch it',
    v4: 'keep: it is pinned: audit',
    v5: 'keep: the template shop names it',
    v6: 'keep: the catalogue /catalogue offers it as used v6',
    v7: 'keep: deployment shop-1 (deployment-1) was launched from it',
    v8: 'keep: channel latest of used points to it, and 1 more need it',
  });
});

test('a use that appears between plan and deletion saves its image', async () => {
  const [first, second] = [await image('race', 'v1'), await image('race', 'v2')];
  await image('race', 'v3');
  const planned = await plan('race');
  expect(planned.decisions.filter(({ fate }) => fate === 'go')).toHaveLength(2);
  await client.runInstances({ ImageId: first, MinCount: 1, MaxCount: 1 });
  const cleaner = {
    ...{ db: factory.db, now: factory.now(), target: cloud.target, deprecateDays: 0, binDays: 7 },
    sources: everySource(factory),
  };
  const steps = await applyCleanup(planned, cleaner);
  expect(Object.fromEntries(steps.map(({ id, what }) => [id, what]))).toEqual({
    [first]: 'kept',
    [second]: 'binned',
  });
  expect([await stateOf(first), await stateOf(second)]).toEqual(['available', 'disabled']);
});

test('a use that appears just as the image is taken gets it back', async () => {
  const first = await image('late', 'v1');
  await image('late', 'v2');
  let asked = 0;
  // Nobody before it is taken, and a channel right after.
  const sources: ReferenceSources = {
    many: [
      async () =>
        ++asked === 1 ? [] : [{ imageId: first, kind: 'channel', because: 'channel stable points to it' }],
    ],
    one: [],
  };
  const cleaner = { db: factory.db, now: factory.now(), target: cloud.target, deprecateDays: 0, binDays: 0 };
  const steps = await applyCleanup(await plan('late'), { ...cleaner, sources });
  expect(steps).toMatchObject([{ what: 'restored', id: first, reason: 'channel stable points to it' }]);
  expect(await stateOf(first)).toBe('available');
});

test('an image in the bin that somebody needs again comes out of it', async () => {
  const first = await image('again', 'v1');
  await image('again', 'v2');
  await cleanUp(factory, order('again'), {});
  expect(await stateOf(first)).toBe('disabled');
  await promote(factory.db, {
    ...{ reference: { template: 'again', name: 'v1' }, target: 'local', channel: 'stable' },
    ...{ force: true, by: 'test', why: '', at: factory.now() },
  });
  const { steps } = await cleanUp(factory, order('again'), {});
  expect(steps).toMatchObject([{ what: 'restored', id: first }]);
  expect(await stateOf(first)).toBe('available');
});

test('images that others made are recognised by their tags', async () => {
  for (const version of ['v0.9.1', 'v0.9.10', 'v0.9.2']) {
    const { ImageId = '' } = await client.copyImage({
      Name: `app-golden-${version}`,
      SourceImageId: cloud.baseImages[region] ?? '',
      SourceRegion: region,
    });
    const Tags = [
      { Key: 'ManagedBy', Value: 'Deployer' },
      { Key: 'AppVersion', Value: version },
    ];
    await client.createTags({ Resources: [ImageId], Tags });
  }
  expect(said(await plan('fleet'))).toEqual({
    'v0.9.1': 'go: 2 newer than it, and the newest 1 stay',
    'v0.9.2': 'go: 1 newer than it, and the newest 1 stay',
    'v0.9.10': 'keep: one of the newest 1 of fleet',
  });
});

test("the configuration's rules count before a template's own, and those for all where neither says any", async () => {
  const rules = { chosen: { keepLatest: 5 }, '*': { keepLatest: 4 } };
  factory = { ...factory, retention: { ...factory.retention, rules } };
  const [templates = ''] = factory.directories.templates;
  await mkdir(templates);
  for (const slug of ['chosen', 'own', 'silent-one']) {
    const own = slug === 'silent-one' ? '' : 'retention: {keep_latest: 3}\n';
    await writeFile(
      join(templates, `${slug}.yml`),
      `name: T\nbase_ami: {source: tiny}\nsetup_script: 'true'\n${own}`,
    );
    await image(slug, 'v2');
    await image(slug, 'v1');
    await factory.db.write((tx) => tx.deleteFrom('channels').execute());
  }
  const { decisions } = await cleanupPlan(factory, { target: 'local', region, rules: {} });
  const said = decisions.map(({ image: { template }, because }) => [template, because]);
  expect(Object.fromEntries(said)).toMatchObject({
    chosen: 'one of the newest 5 of chosen',
    own: 'one of the newest 3 of own',
    'silent-one': 'one of the newest 4 of silent-one',
  });
});

test('a snapshot that a deregistered image left behind is found, and one that is in use is not', async () => {
  const [left, kept] = [await image('orphan', 'v1'), await image('orphan', 'v2')];
  await client.deregisterImage({ ImageId: left });
  const { orphans } = await plan('orphan');
  expect(orphans.map(({ imageId }) => imageId)).toEqual([left]);
  const { steps } = await cleanUp(factory, order('orphan'), {});
  expect(steps).toMatchObject([{ what: 'snapshot-deleted', id: orphans[0]?.snapshotId }]);
  expect((await plan('orphan')).orphans).toEqual([]);
  expect(await stateOf(kept)).toBe('available');
});

test("a snapshot of an image that EC2's recycle bin can give back is no orphan", async () => {
  const imageId = await image('recycled', 'v1');
  await client.createTags({ Resources: [imageId], Tags: [{ Key: 'ingot:retain-days', Value: '7' }] });
  await client.deregisterImage({ ImageId: imageId });
  expect((await plan('recycled')).orphans).toEqual([]);
  await client.restoreImageFromRecycleBin({ ImageId: imageId });
  expect(await stateOf(imageId)).toBe('available');
});

test('of many images EC2 is asked in calls as large as it takes', async () => {
  const { ImageId = '' } = await client.copyImage({
    ...{ Name: 'one-of-many', SourceImageId: cloud.baseImages[region] ?? '', SourceRegion: region },
  });
  await client.runInstances({ ImageId, MinCount: 1, MaxCount: 1 });
  const others = Array.from({ length: 450 }, (_, n) => `ami-${String(n).padStart(17, '0')}`);
  const place = { target: cloud.target, region };
  for (const source of everySource(factory).many) await source(place, others);
  expect(await instancesOf(place, [...others, ImageId])).toMatchObject([{ imageId: ImageId }]);
});

test('a source that cannot answer stops the cleanup, for silence is not "nobody"', async () => {
  const first = await image('silent', 'v1');
  await image('silent', 'v2');
  const planned = await plan('silent');
  const cleaner = { db: factory.db, now: factory.now(), target: cloud.target, deprecateDays: 0, binDays: 7 };
  const sources = { many: [() => Promise.reject(new Error('no answer'))], one: [] };
  await expect(applyCleanup(planned, { ...cleaner, sources })).rejects.toThrow('no answer');
  expect(await stateOf(first)).toBe('available');
});
