import type { EC2 } from '@aws-sdk/client-ec2';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { imageOf } from '../costs/testing/written-image.ts';
import type { Factory } from '../factory.ts';
import { findVersions } from '../registry/find-versions.ts';
import { recordVersion } from '../registry/record-version.ts';
import { listChannels } from '../registry/set-channel.ts';
import { newVersion } from '../registry/testing/registry.ts';
import { openTestFactory, type TestFactory } from '../testing/test-factory.ts';
import { openTestTarget, type TestTarget } from '../testing/test-target.ts';
import { deleteImages } from './delete-images.ts';
import type { DeletionOrder } from './deletion.ts';
import { withdrawDeleted } from './kept-version.ts';
import { listBin } from './list-bin.ts';
import { planDeletion } from './plan-deletion.ts';
import { restoreImage } from './restore-image.ts';

// A busy machine takes several times as long.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const region = 'us-east-1';
let cloud: TestTarget;
let ec2: EC2;
let opened: TestFactory;
let factory: Factory;

beforeAll(async () => {
  cloud = await openTestTarget();
  ec2 = await cloud.target.client(region);
});
afterAll(() => cloud.close());
beforeEach(async () => {
  opened = await openTestFactory(cloud);
  factory = opened.factory;
});
afterEach(async () => {
  for (const each of [region, 'us-west-2']) {
    const client = await cloud.target.client(each);
    const { Images = [] } = await client.describeImages({ Owners: ['self'], IncludeDisabled: true });
    for (const { ImageId } of Images) {
      await client.deregisterImage({ ImageId, DeleteAssociatedSnapshots: true });
    }
  }
  await opened.close();
});

async function image(name: string, at = region): Promise<string> {
  const source = { SourceImageId: cloud.baseImages[at] ?? '', SourceRegion: at };
  const client = await cloud.target.client(at);
  return (await client.copyImage({ Name: name, ...source })).ImageId ?? '';
}

async function version(template: string, name: string, at = region): Promise<string> {
  const imageId = await image(`${template}-${name}`, at);
  await recordVersion(factory.db, newVersion({ template, version: name, imageId, region: at }));
  return imageId;
}

const order = (more: Partial<DeletionOrder>): DeletionOrder => ({
  target: 'local',
  deregisterOnly: false,
  ...more,
});
const options = { force: false, binDays: 7, by: 'ann' };

async function snapshotsOf(imageId: string): Promise<readonly string[]> {
  const { Images = [] } = await ec2.describeImages({ ImageIds: [imageId], IncludeDisabled: true });
  return (Images[0]?.BlockDeviceMappings ?? []).flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);
}

const isThere = async (imageId: string) =>
  ((await ec2.describeImages({ Filters: [{ Name: 'image-id', Values: [imageId] }] })).Images ?? []).length >
  0;

async function thoseThere(snapshotIds: readonly string[]): Promise<readonly string[]> {
  const Filters = [{ Name: 'snapshot-id', Values: [...snapshotIds] }];
  const { Snapshots = [] } = await ec2.describeSnapshots({ OwnerIds: ['self'], Filters });
  return Snapshots.flatMap(({ SnapshotId }) => SnapshotId ?? []);
}

const channels = async () =>
  (await listChannels(factory.db.read, { template: 'web' })).map(({ channel, imageId }) => [
    channel,
    imageId,
  ]);

test('an image goes with its snapshots, and comes back with them, its version and its channels', async () => {
  const [first, second] = [await version('web', 'v1'), await version('web', 'v2')];
  const snapshots = await snapshotsOf(second);
  expect(snapshots).toHaveLength(1);
  const [planned] = await planDeletion(factory, order({ image: second }));
  expect(planned).toMatchObject({
    template: 'web',
    version: 'v2',
    channels: [{ channel: 'latest', to: 'v1' }],
  });
  expect(planned?.snapshots).toMatchObject([{ snapshotId: snapshots[0], goes: true }]);
  expect(planned).not.toHaveProperty('needed');
  expect(await isThere(second)).toBe(true);

  const [done] = await deleteImages(factory, order({ image: second }), options);
  expect(done).toMatchObject({ what: 'deleted', snapshots, restorableUntil: expect.any(String) });
  expect([await isThere(second), await thoseThere(snapshots)]).toEqual([false, []]);
  expect(await channels()).toEqual([['latest', first]]);
  expect((await findVersions(factory.db.read, { template: 'web' })).map((each) => each.version)).toEqual([
    'v1',
  ]);
  expect(await listBin(factory, { target: 'local' })).toMatchObject([
    { imageId: second, bin: 'recycle-bin' },
  ]);

  const restored = await restoreImage(factory, { target: 'local', image: 'web@v2', by: 'ann' });
  expect(restored).toEqual([
    { region, imageId: second, version: { template: 'web', version: 'v2', channels: ['latest'] } },
  ]);
  expect([await isThere(second), await thoseThere(snapshots)]).toEqual([true, snapshots]);
  expect(await channels()).toEqual([['latest', second]]);
  const { Tags = [] } = await ec2.describeTags({ Filters: [{ Name: 'key', Values: ['ingot:retain-days'] }] });
  expect(Tags).toEqual([]);
  const { reservation } = await runs(second);
  expect(reservation).toHaveLength(1);
});

async function runs(imageId: string) {
  const { Instances = [] } = await ec2.runInstances({ ImageId: imageId, MinCount: 1, MaxCount: 1 });
  await ec2.terminateInstances({ InstanceIds: Instances.flatMap(({ InstanceId }) => InstanceId ?? []) });
  return { reservation: Instances };
}

test('without days in the bin it is gone at once, and restoring says so', async () => {
  const imageId = await image('short');
  const [done] = await deleteImages(factory, order({ image: 'short' }), { ...options, binDays: 0 });
  expect(done).toMatchObject({ imageId, what: 'deleted' });
  expect(done).not.toHaveProperty('restorableUntil');
  const restoring = restoreImage(factory, { target: 'local', image: imageId, by: 'ann' });
  await expect(restoring).rejects.toThrow(/No bin of local has/);
});

test('a snapshot that another image stands on stays, with its user named', async () => {
  const imageId = await image('one');
  const [snapshotId = ''] = await snapshotsOf(imageId);
  const other = await imageOf({ target: cloud.target, region }, { name: 'other', snapshotId });
  const [planned] = await planDeletion(factory, order({ image: imageId }));
  expect(planned?.snapshots).toMatchObject([{ goes: false, because: `${other} (other) stands on it` }]);
  expect(planned).toMatchObject({ freedBytes: 0 });
  const [done] = await deleteImages(factory, order({ image: imageId }), { ...options, binDays: 0 });
  expect(done?.snapshots).toEqual([]);
  expect([await isThere(imageId), await isThere(other)]).toEqual([false, true]);
  expect(await thoseThere([snapshotId])).toEqual([snapshotId]);
});

test('only deregistered, its snapshots stay', async () => {
  const imageId = await image('bare');
  const snapshots = await snapshotsOf(imageId);
  const only = order({ image: imageId, deregisterOnly: true });
  await deleteImages(factory, only, { ...options, binDays: 0 });
  expect([await isThere(imageId), await thoseThere(snapshots)]).toEqual([false, snapshots]);
});

test('one that a machine, another account or a launch template needs goes by force alone', async () => {
  const imageId = await image('used');
  const { Instances = [] } = await ec2.runInstances({ ImageId: imageId, MinCount: 1, MaxCount: 1 });
  const LaunchPermission = { Add: [{ UserId: '210987654321' }] };
  await ec2.modifyImageAttribute({ ImageId: imageId, LaunchPermission });
  const [planned] = await planDeletion(factory, order({ image: imageId }));
  expect(planned?.uses.map(({ kind }) => kind).sort()).toEqual(['account', 'instance']);
  const refused = deleteImages(factory, order({ image: imageId }), options);
  await expect(refused).rejects.toThrow(/is made of it; --force deletes it even so/);
  expect(await isThere(imageId)).toBe(true);
  await deleteImages(factory, order({ image: imageId }), { ...options, force: true });
  expect(await isThere(imageId)).toBe(false);
  await ec2.terminateInstances({ InstanceIds: Instances.flatMap(({ InstanceId }) => InstanceId ?? []) });
});

test('what EC2 protects goes by no force, and the way out is told', async () => {
  const imageId = await image('guarded');
  await ec2.enableImageDeregistrationProtection({ ImageId: imageId });
  const refused = deleteImages(factory, order({ image: imageId }), { ...options, force: true });
  await expect(refused).rejects.toThrow(/disable-image-deregistration-protection/);
  await ec2.disableImageDeregistrationProtection({ ImageId: imageId });
});

test('a version goes in every region that has it, or in the one that is named', async () => {
  const here = await version('web', 'v1');
  const there = await version('web', 'v1', 'us-west-2');
  const ids = async (more: Partial<DeletionOrder>) =>
    (await planDeletion(factory, order(more))).map(({ imageId }) => imageId).sort();
  expect(await ids({ image: 'web@v1' })).toEqual([here, there].sort());
  expect(await ids({ image: 'web', version: 'v1' })).toEqual([here, there].sort());
  expect(await ids({ version: 'v1' })).toEqual([here, there].sort());
  expect(await ids({ version: 'v1', region: 'us-west-2' })).toEqual([there]);
  expect(await ids({ image: 'web-v1', region })).toEqual([here]);
});

test('a template alone names no image to delete: its versions are told', async () => {
  await version('web', 'v1');
  await expect(planDeletion(factory, order({ image: 'web' }))).rejects.toThrow(
    "'web' is a template. Name a version of it: web@v1",
  );
  await expect(planDeletion(factory, order({ image: 'nothing' }))).rejects.toThrow(
    'ingot ami list shows them',
  );
});

test('only what was seen goes', async () => {
  const [seen, unseen] = [await version('web', 'v1'), await version('web', 'v1', 'us-west-2')];
  const done = await deleteImages(factory, order({ version: 'v1' }), { ...options, only: [seen] });
  expect(done.map(({ imageId }) => imageId)).toEqual([seen]);
  expect(await findVersions(factory.db.read, { template: 'web' })).toMatchObject([{ imageId: unseen }]);
});

test('where EC2 does not let it go, the registry leads to it as before', async () => {
  const imageId = await version('web', 'v1');
  const client = async (at: string) => {
    const real = await cloud.target.client(at);
    const deregisterImage = () => Promise.reject(new Error('EC2 is tired'));
    return Object.assign(Object.create(real), { deregisterImage }) as EC2;
  };
  const get = async () => ({ ...cloud.target, client });
  const tired = { ...factory, targets: { ...factory.targets, get } };
  const [done] = await deleteImages(tired, order({ image: imageId }), options);
  expect(done).toMatchObject({ what: 'failed', reason: 'EC2 is tired' });
  expect(await channels()).toEqual([['latest', imageId]]);
  expect(await findVersions(factory.db.read, { template: 'web' })).toHaveLength(1);
});

test('elsewhere the image goes without a bin, then its snapshots; one that EC2 refuses is told, and nothing is taken back', async () => {
  const imageId = await version('web', 'v1');
  const snapshots = await snapshotsOf(imageId);
  const client = async (at: string) => {
    const real = await cloud.target.client(at);
    const deleteSnapshot = () => Promise.reject(new Error('not you'));
    return Object.assign(Object.create(real), { deleteSnapshot }) as EC2;
  };
  const get = async () => ({ ...cloud.target, kind: 'aws' as const, client });
  const elsewhere = { ...factory, targets: { ...factory.targets, get } };
  const [done] = await deleteImages(elsewhere, order({ image: imageId }), { ...options, binDays: 0 });
  expect(done).toMatchObject({ what: 'deleted', snapshots: [], reason: expect.stringContaining('not you') });
  expect(await isThere(imageId)).toBe(false);
  expect(await thoseThere(snapshots)).toEqual(snapshots);
  expect(await channels()).toEqual([]);
});

test('elsewhere an image in the bin keeps its snapshots, and comes back', async () => {
  const imageId = await image('kept');
  const snapshots = await snapshotsOf(imageId);
  const get = async () => ({ ...cloud.target, kind: 'aws' as const });
  const elsewhere = { ...factory, targets: { ...factory.targets, get } };
  const [done] = await deleteImages(elsewhere, order({ image: imageId }), options);
  expect(done).toMatchObject({ what: 'deleted', snapshots: [], restorableUntil: expect.any(String) });
  expect(await thoseThere(snapshots)).toEqual(snapshots);
  await restoreImage(elsewhere, { target: 'local', image: 'kept', by: 'ann' });
  expect(await isThere(imageId)).toBe(true);
});

test('a deletion that ended halfway is ended by another, or taken back', async () => {
  const imageId = await version('web', 'v1');
  const ended = () =>
    factory.db.write((tx) =>
      withdrawDeleted(tx, { target: 'local', imageId }, { at: factory.now(), by: 'ann' }),
    );
  await ended();
  expect(await channels()).toEqual([]);
  await restoreImage(factory, { target: 'local', image: 'web@v1', by: 'ann' });
  expect(await channels()).toEqual([['latest', imageId]]);
  await ended();
  const [done] = await deleteImages(factory, order({ image: imageId }), options);
  expect(done).toMatchObject({ what: 'deleted' });
  await restoreImage(factory, { target: 'local', image: imageId, by: 'ann' });
  expect(await channels()).toEqual([['latest', imageId]]);
});

test('a version whose name was given again meanwhile stays another, and the image comes back', async () => {
  const imageId = await version('web', 'v1');
  await deleteImages(factory, order({ image: imageId }), options);
  const newer = await image('web-v1-again');
  await recordVersion(factory.db, newVersion({ template: 'web', version: 'v1', imageId: newer, region }));
  const [restored] = await restoreImage(factory, { target: 'local', image: imageId, by: 'ann' });
  expect(restored?.version).toMatchObject({ because: `${newer} is web v1 by now`, channels: [] });
  expect(await isThere(imageId)).toBe(true);
});
