import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inState, launch } from '../testing/launch.ts';
import { accountB, eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { ownSnapshot, register } from '../testing/registered.ts';

const hour = 3_600_000;
const day = 24 * hour;
const b = { accountId: accountB };

let now: number;
let cloud: TestCloud;
const open = async (recycleBinDays: number) => {
  await cloud?.close();
  cloud = await openTestCloud({ recycleBinDays, now: () => new Date(now) });
};
beforeEach(async () => {
  now = Date.parse('2026-03-01T00:00:00Z');
  cloud = await openTestCloud({ now: () => new Date(now) });
});
afterEach(() => cloud.close());

const deregister = (ImageId: string, input = {}, as = {}) =>
  cloud.call('DeregisterImage', { ImageId, ...input }, as);
const byId = async (id: string, as = {}) =>
  (await cloud.call('DescribeImages', { ImageIds: [id] }, as)).Images;
const snapshots = async () =>
  ((await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] })).Snapshots ?? []).map(
    (one) => one.SnapshotId,
  );
const notFound = (id: string) => ({
  code: 'InvalidAMIID.NotFound',
  message: `The image id '[${id}]' does not exist`,
});

describe('DeregisterImage', () => {
  it('takes the image away, keeps its snapshot, and gives its name back', async () => {
    const snapshotId = await ownSnapshot(cloud);
    const id = await register(cloud, 'gone', { snapshotId });
    expect(await deregister(id)).toEqual({ Return: true, DeleteSnapshotResults: [] });
    expect(await byId(id)).toEqual([]);
    expect(await snapshots()).toEqual([snapshotId]);
    await expect(launch(cloud, { ImageId: id })).rejects.toMatchObject(notFound(id));
    await register(cloud, 'gone', { snapshotId });
  });

  it('again is Unavailable, and later the image never was', async () => {
    const id = await register(cloud, 'gone');
    await deregister(id);
    await expect(deregister(id)).rejects.toMatchObject({
      code: 'InvalidAMIID.Unavailable',
      message: `The image ID: '${id}' is no longer available`,
    });
    await expect(byId(id, b)).rejects.toMatchObject(notFound(id));
    now += hour;
    await expect(deregister(id)).rejects.toMatchObject(notFound(id));
    await expect(byId(id)).rejects.toMatchObject(notFound(id));
  });

  it('is remembered as long as an instance refers to the image', async () => {
    const id = await register(cloud, 'in-use');
    const { instanceId } = await launch(cloud, { ImageId: id });
    await deregister(id);
    now += 2 * hour;
    expect(await byId(id)).toEqual([]);
    await cloud.call('StopInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'stopped');
    await cloud.call('StartInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'running');
    await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'terminated');
    await expect(byId(id)).rejects.toMatchObject(notFound(id));
  });

  it('deletes its snapshots when asked, and says of each what became of it', async () => {
    const shared = await ownSnapshot(cloud);
    const alone = await ownSnapshot(cloud);
    await register(cloud, 'sharing', { snapshotId: shared });
    const id = await register(cloud, 'both', {
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', Ebs: { SnapshotId: alone } },
        { DeviceName: '/dev/sdf', Ebs: { SnapshotId: shared } },
      ],
    });
    const { DeleteSnapshotResults = [] } = await deregister(id, { DeleteAssociatedSnapshots: true });
    expect(new Map(DeleteSnapshotResults.map((one) => [one.SnapshotId, one.ReturnCode]))).toEqual(
      new Map([
        [alone, 'success'],
        [shared, 'skipped'],
      ]),
    );
    expect(await snapshots()).toEqual([shared]);
  });

  it('is the owner’s alone', async () => {
    const id = await register(cloud, 'mine');
    await expect(deregister(id, {}, b)).rejects.toMatchObject(notFound(id));
    await cloud.call('ModifyImageAttribute', {
      ImageId: id,
      LaunchPermission: { Add: [{ UserId: accountB }] },
    });
    await expect(deregister(id, {}, b)).rejects.toMatchObject({
      code: 'AuthFailure',
      message: `Not authorized for image:${id}`,
    });
    await expect(deregister(cloud.baseImageId)).rejects.toMatchObject({ code: 'AuthFailure' });
    await expect(deregister('ami-1')).rejects.toMatchObject({
      code: 'InvalidAMIID.Malformed',
      message: 'Invalid id: "ami-1" (expecting "ami-...")',
    });
    await expect(deregister(id, { DryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' });
    expect(await byId(id)).toHaveLength(1);
  });

  it('two at once: one succeeds', async () => {
    const id = await register(cloud, 'once');
    const results = await Promise.allSettled([deregister(id), deregister(id)]);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  it('waits for an instant that is being taken, and the machine comes out of it', async () => {
    const UserData = Buffer.from('ingot-simulate: agent=silent').toString('base64');
    const { instanceId } = await launch(cloud, { UserData });
    const { ImageId = '' } = await cloud.call('CreateImage', { InstanceId: instanceId, Name: 'cancelled' });
    await deregister(ImageId, { DeleteAssociatedSnapshots: true });
    expect(await snapshots()).toEqual([]);
    await eventually(
      () => cloud.node.machine({ instanceId: instanceId as never }),
      (machine) => machine.state === 'running',
    );
    await cloud.call('CreateImage', { InstanceId: instanceId, Name: 'again', NoReboot: true });
  });
});

describe('deregistration protection', () => {
  const protect = (ImageId: string, WithCooldown: boolean) =>
    cloud.call('EnableImageDeregistrationProtection', { ImageId, WithCooldown });
  const shown = async (id: string) => (await byId(id))?.[0]?.DeregistrationProtection;

  it('refuses DeregisterImage until it is disabled', async () => {
    const id = await register(cloud, 'kept');
    expect(await shown(id)).toBe('disabled');
    expect(await protect(id, false)).toEqual({ Return: 'true' });
    expect(await shown(id)).toBe('enabled-without-cooldown');
    await expect(deregister(id)).rejects.toMatchObject({ code: 'OperationNotPermitted' });
    await expect(deregister(id, { DryRun: true })).rejects.toMatchObject({ code: 'OperationNotPermitted' });
    await cloud.call('DisableImageDeregistrationProtection', { ImageId: id });
    await deregister(id);
  });

  it('with a cooldown holds for 24 hours after it was disabled', async () => {
    const id = await register(cloud, 'kept');
    await protect(id, true);
    await cloud.call('DisableImageDeregistrationProtection', { ImageId: id });
    now += day - 1;
    await cloud.call('DisableImageDeregistrationProtection', { ImageId: id });
    await expect(deregister(id)).rejects.toMatchObject({
      code: 'OperationNotPermitted',
      message: expect.stringContaining('2026-03-02T00:00:00.000Z'),
    });
    now += 1;
    expect(await shown(id)).toBe('disabled');
    await deregister(id);
  });
});

describe('the recycle bin', () => {
  const binned = async (as = {}) =>
    ((await cloud.call('ListImagesInRecycleBin', {}, as)).Images ?? []).map((one) => one.ImageId);
  const restore = (ImageId: string) => cloud.call('RestoreImageFromRecycleBin', { ImageId });
  beforeEach(() => open(7));

  it('keeps a deregistered image with its snapshots in use, hidden from everybody else', async () => {
    const snapshotId = await ownSnapshot(cloud);
    const id = await register(cloud, 'binned', { snapshotId, Description: 'old' });
    await deregister(id);
    expect((await cloud.call('ListImagesInRecycleBin', { ImageIds: [id] })).Images).toEqual([
      {
        ImageId: id,
        Name: 'binned',
        Description: 'old',
        RecycleBinEnterTime: new Date(now),
        RecycleBinExitTime: new Date(now + 7 * day),
      },
    ]);
    expect(await binned(b)).toEqual([]);
    expect(await byId(id)).toEqual([]);
    await expect(cloud.call('DeleteSnapshot', { SnapshotId: snapshotId })).rejects.toMatchObject({
      code: 'InvalidSnapshot.InUse',
      message: `The snapshot ${snapshotId} is currently in use by ${id}`,
    });
  });

  it('gives back the image as it was: tags, sharing, launches', async () => {
    const id = await register(cloud, 'back', {
      TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'k', Value: 'v' }] }],
    });
    await cloud.call('ModifyImageAttribute', {
      ImageId: id,
      LaunchPermission: { Add: [{ UserId: accountB }] },
    });
    const before = await byId(id);
    await deregister(id, { DeleteAssociatedSnapshots: true });
    expect(await snapshots()).toEqual([]);
    await expect(byId(id, b)).rejects.toMatchObject(notFound(id));
    expect(await restore(id)).toEqual({ Return: true });
    expect(await byId(id)).toEqual(before);
    expect(await byId(id, b)).toHaveLength(1);
    expect(await binned()).toEqual([]);
    await launch(cloud, { ImageId: id });
    await expect(restore(id)).rejects.toMatchObject(notFound(id));
  });

  it('gives the name to another image, and refuses to restore over it', async () => {
    const id = await register(cloud, 'name');
    await deregister(id);
    const holder = await register(cloud, 'name');
    await expect(restore(id)).rejects.toMatchObject({
      code: 'InvalidAMIName.Duplicate',
      message: `AMI name name is already in use by AMI ${holder}`,
    });
    await deregister(holder);
    await restore(id);
  });

  it('is emptied when its time is over, snapshots after their image', async () => {
    const id = await register(cloud, 'over');
    const kept = await ownSnapshot(cloud);
    const other = await register(cloud, 'keeps-its-snapshot', { snapshotId: kept });
    await deregister(id, { DeleteAssociatedSnapshots: true });
    await deregister(other);
    now += 7 * day;
    await eventually(binned, (ids) => ids.length === 0);
    await eventually(
      async () => (await cloud.call('ListSnapshotsInRecycleBin', {})).Snapshots,
      (left) => left?.length === 0,
    );
    expect(await snapshots()).toEqual([kept]);
    await cloud.call('DeleteSnapshot', { SnapshotId: kept });
    await expect(restore(id)).rejects.toMatchObject(notFound(id));
  });

  it('takes up to 20 ids', async () => {
    const ids = Array.from({ length: 21 }, () => 'ami-0123456789abcdef0');
    await expect(cloud.call('ListImagesInRecycleBin', { ImageIds: ids })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
  });
});
