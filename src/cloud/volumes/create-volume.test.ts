import { afterEach, beforeEach, expect, test } from 'vitest';
import type { TestCloud } from '../testing/open-test-cloud.ts';
import { accountB, eventually, openTestCloud } from '../testing/open-test-cloud.ts';

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await openTestCloud();
});
afterEach(() => cloud.close());

const zone = { AvailabilityZone: 'us-east-1a' };

async function volume(id: string | undefined) {
  const { Volumes = [] } = await cloud.call('DescribeVolumes', { VolumeIds: [id ?? ''] });
  return Volumes[0];
}

async function baseSnapshot() {
  const row = await cloud.cloud.db.read
    .selectFrom('snapshots')
    .selectAll()
    .where('region', '=', 'us-east-1')
    .executeTakeFirstOrThrow();
  return row;
}

test('an empty volume is creating when the call answers and available when its layer is made', async () => {
  const made = await cloud.call('CreateVolume', { ...zone, Size: 10 });
  expect(made).toMatchObject({ State: 'creating', Size: 10, VolumeType: 'gp2', Iops: 100, Encrypted: false });
  await eventually(
    () => volume(made.VolumeId),
    (now) => now?.State === 'available',
  );
  expect((await cloud.node.listLayers()).map((layer) => layer.virtualSizeBytes)).toContain(10 * 2 ** 30);
});

test('a volume of a snapshot has its size unless it is given a larger one', async () => {
  const { snapshot_id: SnapshotId } = await baseSnapshot();
  expect(await cloud.call('CreateVolume', { ...zone, SnapshotId })).toMatchObject({ SnapshotId, Size: 1 });
  expect(await cloud.call('CreateVolume', { ...zone, SnapshotId, Size: 5 })).toMatchObject({ Size: 5 });
});

test("another account's private snapshot is not found", async () => {
  const own = await cloud.call('CreateVolume', { ...zone, Size: 1 });
  await eventually(
    () => volume(own.VolumeId),
    (now) => now?.State === 'available',
  );
  const { SnapshotId } = await cloud.call('CreateSnapshot', { VolumeId: own.VolumeId });
  await expect(
    cloud.call('CreateVolume', { ...zone, SnapshotId }, { accountId: accountB }),
  ).rejects.toMatchObject({ code: 'InvalidSnapshot.NotFound' });
});

test.each([
  [{ Size: 10, AvailabilityZone: 'us-east-1z' }, 'InvalidZone.NotFound'],
  [{ Size: 10, AvailabilityZone: undefined }, 'MissingParameter'],
  [{}, 'MissingParameter'],
  [{ Size: 0 }, 'InvalidParameterValue'],
  [{ Size: 1.5 }, 'InvalidParameterValue'],
  [{ Size: 16_385, VolumeType: 'gp2' }, 'InvalidParameterValue'],
  [{ Size: 100, VolumeType: 'st1' }, 'InvalidParameterValue'],
  [{ Size: 10, VolumeType: 'gp9' }, 'UnknownVolumeType'],
  [{ Size: 10, VolumeType: 'gp2', Iops: 3000 }, 'InvalidParameterCombination'],
  [{ Size: 10, VolumeType: 'io1' }, 'MissingParameter'],
  [{ Size: 10, VolumeType: 'io1', Iops: 600 }, 'InvalidParameterCombination'],
  [{ Size: 10, VolumeType: 'gp3', Iops: 2999 }, 'InvalidParameterValue'],
  [{ Size: 10, VolumeType: 'gp3', Throughput: 800 }, 'InvalidParameterCombination'],
  [{ Size: 10, Encrypted: true }, 'UnsupportedOperation'],
  [{ Size: 10, MultiAttachEnabled: true }, 'UnsupportedOperation'],
  [{ SnapshotId: 'snap-xyz' }, 'InvalidSnapshotID.Malformed'],
  [{ SnapshotId: 'snap-01234567' }, 'InvalidSnapshot.NotFound'],
])('refuses %o with %s', async (input, code) => {
  await expect(cloud.call('CreateVolume', { ...zone, ...input } as never)).rejects.toMatchObject({ code });
});

test('a gp3 volume has what the type comes with, and what it is given', async () => {
  expect(await cloud.call('CreateVolume', { ...zone, Size: 10, VolumeType: 'gp3' })).toMatchObject({
    Iops: 3000,
    Throughput: 125,
  });
  expect(
    await cloud.call('CreateVolume', { ...zone, Size: 10, VolumeType: 'gp3', Iops: 4000, Throughput: 1000 }),
  ).toMatchObject({ Iops: 4000, Throughput: 1000 });
});

test('one client token makes one volume, also when both calls come at once', async () => {
  const input = { ...zone, Size: 2, ClientToken: 'once' };
  const [first, second] = await Promise.all([
    cloud.call('CreateVolume', input),
    cloud.call('CreateVolume', input),
  ]);
  expect(second.VolumeId).toBe(first.VolumeId);
  await expect(cloud.call('CreateVolume', { ...input, Size: 3 })).rejects.toMatchObject({
    code: 'IdempotentParameterMismatch',
  });
});

test('a dry run makes nothing', async () => {
  await expect(cloud.call('CreateVolume', { ...zone, Size: 1, DryRun: true })).rejects.toMatchObject({
    code: 'DryRunOperation',
  });
  expect((await cloud.call('DescribeVolumes', {})).Volumes).toEqual([]);
});

test('a volume that the node cannot make ends in error, and can be deleted', async () => {
  const { VolumeId } = await cloud.call('CreateVolume', { ...zone, Size: 666 });
  await eventually(
    () => volume(VolumeId),
    (now) => now?.State === 'error',
  );
  const { VolumeStatuses = [] } = await cloud.call('DescribeVolumeStatus', {});
  expect(VolumeStatuses[0]?.VolumeStatus?.Status).toBe('impaired');
  await cloud.call('DeleteVolume', { VolumeId });
  await eventually(
    () => cloud.call('DescribeVolumes', {}),
    ({ Volumes = [] }) => Volumes.length === 0,
  );
});

test('a deleted volume is gone with its tags and its layer, and then not found', async () => {
  const { VolumeId } = await cloud.call('CreateVolume', {
    ...zone,
    Size: 3,
    TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'name', Value: 'data' }] }],
  });
  await eventually(
    () => volume(VolumeId),
    (now) => now?.State === 'available',
  );
  await cloud.call('DeleteVolume', { VolumeId });
  await eventually(
    async () => (await cloud.node.listLayers()).length,
    (layers) => layers === 1,
  );
  await expect(cloud.call('DeleteVolume', { VolumeId })).rejects.toMatchObject({
    code: 'InvalidVolume.NotFound',
  });
  const tags = await cloud.cloud.db.read
    .selectFrom('tags')
    .selectAll()
    .where('resource_type', '=', 'volume')
    .execute();
  expect(tags).toEqual([]);
});

test('volumes are found by their filters and tags, and only by their owner', async () => {
  const tagged = await cloud.call('CreateVolume', {
    ...zone,
    Size: 3,
    TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'role', Value: 'db' }] }],
  });
  await cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1b', Size: 4, VolumeType: 'gp3' });
  const found = async (name: string, ...values: string[]) => {
    const { Volumes = [] } = await cloud.call('DescribeVolumes', {
      Filters: [{ Name: name, Values: values }],
    });
    return Volumes.map((one) => one.VolumeId);
  };
  expect(await found('tag:role', 'd*')).toEqual([tagged.VolumeId]);
  expect(await found('size', '3')).toEqual([tagged.VolumeId]);
  expect(await found('volume-type', 'gp2')).toEqual([tagged.VolumeId]);
  expect(await found('availability-zone', 'us-east-1a')).toEqual([tagged.VolumeId]);
  expect(await found('availability-zone-id', 'use1-az1')).toEqual([tagged.VolumeId]);
  expect(await found('encrypted', 'false')).toHaveLength(2);
  await expect(found('colour', 'red')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  expect((await cloud.call('DescribeVolumes', {}, { accountId: accountB })).Volumes).toEqual([]);
  await expect(
    cloud.call('DescribeVolumes', { VolumeIds: [tagged.VolumeId ?? ''] }, { accountId: accountB }),
  ).rejects.toMatchObject({ code: 'InvalidVolume.NotFound' });
});

test('volumes come in pages', async () => {
  for (let size = 1; size <= 7; size += 1) await cloud.call('CreateVolume', { ...zone, Size: size });
  const first = await cloud.call('DescribeVolumes', { MaxResults: 5 });
  expect(first.Volumes).toHaveLength(5);
  const { NextToken } = first;
  if (NextToken === undefined) throw new Error('There is no second page');
  const second = await cloud.call('DescribeVolumes', { MaxResults: 5, NextToken });
  expect(second).toMatchObject({ Volumes: [{}, {}] });
  expect(second.NextToken).toBeUndefined();
});

test('autoEnableIO is kept and shown', async () => {
  const { VolumeId } = await cloud.call('CreateVolume', { ...zone, Size: 1 });
  await cloud.call('ModifyVolumeAttribute', { VolumeId, AutoEnableIO: { Value: true } });
  expect(await cloud.call('DescribeVolumeAttribute', { VolumeId, Attribute: 'autoEnableIO' })).toEqual({
    VolumeId,
    AutoEnableIO: { Value: true },
  });
});

test('a volume whose making was interrupted is made after a restart', async () => {
  const { VolumeId } = await cloud.call('CreateVolume', { ...zone, Size: 1 });
  cloud = await cloud.reopen();
  await eventually(
    () => volume(VolumeId),
    (now) => now?.State === 'available',
  );
});
