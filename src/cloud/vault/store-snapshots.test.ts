import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSimulatedNode } from '../../node/simulated/simulated-node.ts';
import type { NodeId } from '../../platform/ids.ts';
import { type FlakyNode, flakyNode } from '../testing/flaky-node.ts';
import { launch } from '../testing/launch.ts';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { ownSnapshot } from '../testing/registered.ts';
import { allStored, imageInState, snapshotInState } from '../testing/stored.ts';

const us = { region: 'us-east-1' };

let node: FlakyNode;
let cloud: TestCloud;
beforeEach(async () => {
  node = flakyNode();
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

const row = async (snapshotId: string) =>
  await cloud.cloud.db.read
    .selectFrom('stored_snapshots')
    .selectAll()
    .where('snapshot_id', '=', snapshotId as never)
    .executeTakeFirst();
const baseSnapshot = async () => {
  const { Images } = await cloud.call('DescribeImages', { ImageIds: [cloud.baseImageId] });
  return Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
};
const imageOf = async (instanceId: string, Name = 'image') =>
  (await cloud.call('CreateImage', { InstanceId: instanceId, Name })).ImageId ?? '';
const snapshotOf = async (imageId: string) =>
  (await cloud.call('DescribeImages', { ImageIds: [imageId] })).Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs
    ?.SnapshotId ?? '';

describe('a snapshot in its region’s vault', () => {
  it('is there some time after it was taken, on top of the base, which goes first', async () => {
    expect(await node.listStoredSnapshots(us)).toEqual([]);
    const { instanceId } = await launch(cloud);
    const snapshotId = await snapshotOf(await imageOf(instanceId));
    await allStored(cloud);
    expect(await node.listStoredSnapshots(us)).toEqual([await baseSnapshot(), snapshotId]);
    // The base brought one block, and the machine's layer one more.
    expect(await row(snapshotId)).toMatchObject({ state: 'stored', bytes_total: 2 ** 19 });
    expect(await node.listStoredSnapshots({ region: 'eu-west-1' })).toEqual([]);
  });

  it('that was copied within the region costs nothing more', async () => {
    const first = await ownSnapshot(cloud);
    const second = await ownSnapshot(cloud);
    await allStored(cloud);
    expect((await node.listStoredSnapshots(us)).toSorted()).toEqual([first, second].toSorted());
    const bytes = [await row(first), await row(second)].map((stored) => stored?.bytes_total ?? 0);
    expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(2 ** 19);
  });

  it('goes with its row; what others have stays', async () => {
    const { instanceId } = await launch(cloud);
    const imageId = await imageOf(instanceId);
    await allStored(cloud);
    await cloud.call('DeregisterImage', { ImageId: imageId, DeleteAssociatedSnapshots: true });
    const base = await baseSnapshot();
    await eventually(
      () => node.listStoredSnapshots(us),
      (ids) => ids.length === 1 && ids[0] === base,
    );
  });

  it('that a crash left in the vault without a row is deleted at the next start', async () => {
    const snapshotId = await ownSnapshot(cloud);
    await allStored(cloud);
    node.refuse('deleteStoredSnapshots', new Error('the wire broke'));
    await cloud.call('DeleteSnapshot', { SnapshotId: snapshotId });
    await eventually(
      () => row(snapshotId),
      (found) => found === undefined,
    );
    expect(await node.listStoredSnapshots(us)).toEqual([snapshotId]);
    cloud = await cloud.reopen();
    await eventually(
      () => node.listStoredSnapshots(us),
      (ids) => ids.length === 0,
    );
  });

  it('is tried again after a failure, which its row tells', async () => {
    node.refuse('ingestSnapshot', new Error('the disk was busy'));
    const snapshotId = await ownSnapshot(cloud);
    expect(await snapshotInState(cloud, snapshotId, 'completed')).toMatchObject({ Progress: '100%' });
    const failed = await eventually(
      () => row(snapshotId),
      (found) => found?.reason != null,
    );
    expect(failed).toMatchObject({ reason: 'the disk was busy', attempts: 1 });
    await allStored(cloud);
    expect(await row(snapshotId)).toMatchObject({ state: 'stored', reason: null, attempts: 0 });
  });

  it('that is deleted while it is on its way leaves nothing in the vault', async () => {
    const { instanceId } = await launch(cloud);
    await allStored(cloud);
    const { SnapshotId = '' } = await cloud.call('CreateSnapshot', {
      VolumeId: (await launch(cloud)).rootVolumeId,
      Description: 'ingot-simulate: ingest=stuck',
    });
    await eventually(
      () => row(SnapshotId),
      (found) => (found?.bytes_total ?? 0) > 0,
    );
    await cloud.call('DeleteSnapshot', { SnapshotId });
    await imageOf(instanceId);
    await allStored(cloud);
    expect(await node.listStoredSnapshots(us)).not.toContain(SnapshotId);
    expect(await node.collectVault({ region: 'us-east-1', dryRun: true })).toMatchObject({
      removedBlocks: 0,
    });
  });

  it('waits for those that it stands on, however many there are', async () => {
    const { rootVolumeId } = await launch(cloud);
    for (let i = 0; i < 2; i++) {
      await cloud.call('CreateSnapshot', {
        VolumeId: rootVolumeId,
        Description: 'ingot-simulate: ingest=slow',
      });
    }
    for (let i = 0; i < 4; i++) await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
    await allStored(cloud);
    expect(await node.listStoredSnapshots(us)).toHaveLength(7);
  });
});

describe('an image’s record', () => {
  it('is put into the vault, again when its description changes, and removed with it', async () => {
    const { instanceId } = await launch(cloud);
    const asked = () => node.count('putStoredImage');
    await eventually(
      async () => asked(),
      (count) => count === 2,
    );
    const imageId = await imageOf(instanceId);
    await eventually(
      async () => asked(),
      (count) => count === 3,
    );
    await cloud.call('ModifyImageAttribute', { ImageId: imageId, Description: { Value: 'new' } });
    cloud.cloud.wake();
    await eventually(
      async () => asked(),
      (count) => count === 4,
    );
    await cloud.call('DeregisterImage', { ImageId: imageId });
    await eventually(
      async () => asked(),
      (count) => count === 5,
    );
    const left = () => cloud.cloud.db.read.selectFrom('stored_images').select('image_id').execute();
    await eventually(left, (rows) => rows.length === 2);
  });
});

describe('durability: vault', () => {
  const open = async (transferAsks: number) => {
    await cloud.close();
    const slow = openSimulatedNode({ nodeId: 'node-1' as NodeId, transferAsks });
    cloud = await openTestCloud({ node: slow, durability: 'vault' });
    return slow;
  };

  it('an image is pending until the vault holds it, and its machine is free meanwhile', async () => {
    const slow = await open(4);
    const { instanceId } = await launch(cloud);
    const imageId = await imageOf(instanceId);
    const snapshotId = await snapshotOf(imageId);
    expect((await cloud.call('DescribeImages', { ImageIds: [imageId] })).Images?.[0]?.State).toBe('pending');
    await expect(launch(cloud, { ImageId: imageId })).rejects.toMatchObject({
      code: 'InvalidAMIID.Unavailable',
    });
    await expect(
      cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1a', SnapshotId: snapshotId }),
    ).rejects.toMatchObject({ code: 'IncorrectState' });
    const half = await eventually(
      async () => (await cloud.call('DescribeSnapshots', { SnapshotIds: [snapshotId] })).Snapshots?.[0],
      (snapshot) => snapshot?.Progress !== '0%',
    );
    expect(half).toMatchObject({ State: 'pending' });
    const second = await imageOf(instanceId, 'second');
    await imageInState(cloud, imageId, 'available');
    await imageInState(cloud, second, 'available');
    expect(await slow.listStoredSnapshots(us)).toContain(snapshotId);
    await launch(cloud, { ImageId: second });
  });

  it('a restart goes on, and a failure is told while it is tried again', async () => {
    const slow = await open(3);
    const { rootVolumeId } = await launch(cloud);
    const { SnapshotId = '' } = await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
    await eventually(
      () => row(SnapshotId),
      (found) => (found?.bytes_total ?? 0) > 0,
    );
    cloud = await cloud.reopen();
    slow.failTransfer('us-east-1', SnapshotId as never, 'the store is away');
    await eventually(
      async () => (await cloud.call('DescribeSnapshots', { SnapshotIds: [SnapshotId] })).Snapshots?.[0],
      (snapshot) => snapshot?.StateMessage === 'the store is away' || snapshot?.State === 'completed',
    );
    expect(await snapshotInState(cloud, SnapshotId, 'completed')).not.toHaveProperty('StateMessage');
  });

  it('a pending image can be deregistered, and leaves its snapshots to be completed', async () => {
    await open(4);
    const { instanceId } = await launch(cloud);
    const imageId = await imageOf(instanceId);
    const snapshotId = await snapshotOf(imageId);
    await cloud.call('DeregisterImage', { ImageId: imageId });
    await snapshotInState(cloud, snapshotId, 'completed');
  });
});
