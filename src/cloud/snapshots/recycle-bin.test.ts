import { afterEach, beforeEach, expect, it } from 'vitest';
import { launch } from '../testing/launch.ts';
import { accountB, eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

const day = 86_400_000;

let now: number;
let cloud: TestCloud;
let snapshotId: string;
beforeEach(async () => {
  now = Date.parse('2026-03-01T00:00:00Z');
  cloud = await openTestCloud({ recycleBinDays: 7, now: () => new Date(now) });
  const { rootVolumeId } = await launch(cloud);
  const { SnapshotId = '' } = await cloud.call('CreateSnapshot', {
    VolumeId: rootVolumeId,
    Description: 'kept',
  });
  snapshotId = SnapshotId;
  await cloud.call('DeleteSnapshot', { SnapshotId: snapshotId });
});
afterEach(() => cloud.close());

const binned = async (as = {}) => (await cloud.call('ListSnapshotsInRecycleBin', {}, as)).Snapshots;

it('a deleted snapshot is in the bin with its times, and nowhere else', async () => {
  expect(await binned()).toMatchObject([
    {
      SnapshotId: snapshotId,
      Description: 'kept',
      RecycleBinEnterTime: new Date(now),
      RecycleBinExitTime: new Date(now + 7 * day),
    },
  ]);
  expect(await binned({ accountId: accountB })).toEqual([]);
  await expect(cloud.call('DescribeSnapshots', { SnapshotIds: [snapshotId] })).rejects.toMatchObject({
    code: 'InvalidSnapshot.NotFound',
  });
  await expect(
    cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1a', SnapshotId: snapshotId }),
  ).rejects.toMatchObject({ code: 'InvalidSnapshot.NotFound' });
});

it('a restored snapshot is as it was', async () => {
  await expect(
    cloud.call('RestoreSnapshotFromRecycleBin', { SnapshotId: snapshotId }, { accountId: accountB }),
  ).rejects.toMatchObject({ code: 'InvalidSnapshot.NotFound' });
  expect(await cloud.call('RestoreSnapshotFromRecycleBin', { SnapshotId: snapshotId })).toMatchObject({
    SnapshotId: snapshotId,
    Description: 'kept',
    State: 'completed',
  });
  expect(await binned()).toEqual([]);
  await cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1a', SnapshotId: snapshotId });
});

it('a snapshot whose time is over leaves the bin, also when that passed while the server was down', async () => {
  cloud = await cloud.reopen();
  expect(await binned()).toHaveLength(1);
  now += 7 * day;
  cloud = await cloud.reopen();
  await eventually(binned, (snapshots) => snapshots?.length === 0);
  await expect(cloud.call('RestoreSnapshotFromRecycleBin', { SnapshotId: snapshotId })).rejects.toMatchObject(
    { code: 'InvalidSnapshot.NotFound' },
  );
});

it('a snapshot that is tagged for the bin goes there without a rule for all, and the longest time counts', async () => {
  const tagged = async (days: string) => {
    const { rootVolumeId } = await launch(cloud);
    const Tags = [{ Key: 'ingot:retain-days', Value: days }];
    const { SnapshotId = '' } = await cloud.call('CreateSnapshot', {
      VolumeId: rootVolumeId,
      TagSpecifications: [{ ResourceType: 'snapshot', Tags }],
    });
    await cloud.call('DeleteSnapshot', { SnapshotId });
    const found = (await binned())?.find((snapshot) => snapshot.SnapshotId === SnapshotId);
    return found?.RecycleBinExitTime;
  };
  expect(await tagged('3')).toEqual(new Date(now + 7 * day));
  expect(await tagged('30')).toEqual(new Date(now + 30 * day));
  expect(await tagged('for ever')).toEqual(new Date(now + 7 * day));
  await cloud.close();
  cloud = await openTestCloud({ recycleBinDays: 0, now: () => new Date(now) });
  expect(await tagged('3')).toEqual(new Date(now + 3 * day));
  expect(await tagged('0')).toBeUndefined();
  expect(await tagged('400')).toBeUndefined();
});
