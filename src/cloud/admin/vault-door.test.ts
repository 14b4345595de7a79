import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSimulatedNode, type SimulatedNode } from '../../node/simulated/simulated-node.ts';
import type { NodeId, SnapshotId } from '../../platform/ids.ts';
import { inState, launch } from '../testing/launch.ts';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { allStored, imageInState } from '../testing/stored.ts';
import type { VaultDoor } from './vault-door.ts';

const us = 'us-east-1';
const eu = 'eu-west-1';

let node: SimulatedNode;
let cloud: TestCloud;
let vault: VaultDoor;
let imageId: string;
let instanceId: string;
let snapshotId: SnapshotId;
beforeEach(async () => {
  node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  cloud = await openTestCloud({ node });
  vault = cloud.admin.vault;
  ({ instanceId } = await launch(cloud));
  ({ ImageId: imageId = '' } = await cloud.call('CreateImage', { InstanceId: instanceId, Name: 'web' }));
  snapshotId = (await rootSnapshot(imageId)) as SnapshotId;
  await allStored(cloud);
});
afterEach(() => cloud.close());

async function rootSnapshot(id: string): Promise<string> {
  const { Images } = await cloud.call('DescribeImages', { ImageIds: [id] });
  return Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
}

async function terminate(): Promise<void> {
  await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
  await inState(cloud, instanceId, 'terminated');
}

async function copyAbroad(): Promise<void> {
  const { ImageId = '' } = await cloud.call(
    'CopyImage',
    { Name: 'copy', SourceImageId: imageId, SourceRegion: us },
    { region: eu },
  );
  await imageInState(cloud, ImageId, 'available', { region: eu });
}

describe('the vault door', () => {
  it('tells what a vault holds and what is on its way, with the reason where that fails', async () => {
    expect(await vault.status(us)).toMatchObject({ region: us, snapshots: 2, waiting: 0, failing: [] });
    const { SnapshotId: failing = '' } = await cloud.call('CreateSnapshot', {
      VolumeId: (await launch(cloud)).rootVolumeId,
      Description: 'ingot-simulate: ingest=disk-full',
    });
    const told = await eventually(
      () => vault.status(us),
      (status) => status.failing.length === 1,
    );
    expect(told).toMatchObject({
      waiting: 1,
      failing: [{ snapshotId: failing, reason: 'simulated: the ingest fails with disk-full' }],
    });
    await cloud.call('DeleteSnapshot', { SnapshotId: failing });
  });

  it('names the snapshots and images that a damaged block harms, and mends it from another region', async () => {
    await copyAbroad();
    await terminate();
    await vault.evict({ dryRun: false });
    node.damageBlock(us, snapshotId);
    const found = await vault.verify(us, true);
    expect(found.harmed).toEqual([
      {
        snapshotId,
        blocks: 1,
        reason: 'simulated: a bit flipped',
        description: `Created by CreateImage(${instanceId}) for ${imageId}`,
        ownerId: '123456789012',
        images: [{ imageId, name: 'web' }],
      },
    ]);
    expect(await vault.repair(us, true)).toMatchObject({ repairedBlocks: 1, harmed: [] });
    expect(await vault.verify(us, true)).toMatchObject({ harmed: [] });
  });

  it('mends from the local disk where no other region has the block, and says what nobody has', async () => {
    node.damageBlock(us, snapshotId);
    expect(await vault.repair(us, true)).toMatchObject({ repairedBlocks: 1, harmed: [] });
    await terminate();
    await vault.evict({ dryRun: false });
    node.damageBlock(us, snapshotId);
    const left = await vault.repair(us, true);
    expect(left).toMatchObject({ repairedBlocks: 0, harmed: [{ snapshotId, images: [{ imageId }] }] });
  });

  it('evicts what it is told, when that can go, and says why the rest stays', async () => {
    const asked = { snapshotIds: [snapshotId], dryRun: false };
    expect(await vault.evict(asked)).toMatchObject({
      evicted: [],
      kept: [{ snapshotId, reason: expect.stringContaining('a volume or another layer stands on it') }],
    });
    await terminate();
    expect((await vault.evict({ ...asked, dryRun: true })).evicted).toMatchObject([
      { snapshotIds: [snapshotId] },
    ]);
    const before = (await node.listLayers()).length;
    expect((await vault.evict(asked)).evicted).toHaveLength(1);
    expect(await node.listLayers()).not.toHaveLength(before);
    expect(await vault.evict(asked)).toMatchObject({ kept: [{ reason: 'its layer was evicted before' }] });
    const unknown = { snapshotIds: ['snap-00000000' as SnapshotId], dryRun: true };
    await expect(vault.evict(unknown)).rejects.toThrow(RangeError);
  });

  it('collects what no snapshot has, and a dry run only counts', async () => {
    await cloud.call('DeregisterImage', { ImageId: imageId, DeleteAssociatedSnapshots: true });
    await eventually(
      () => vault.status(us),
      (status) => status.snapshots === 1,
    );
    expect(await vault.collect(us, true)).toMatchObject({ removedBlocks: 1 });
    expect(await vault.collect(us, false)).toMatchObject({ removedBlocks: 1 });
    expect(await vault.collect(us, false)).toMatchObject({ removedBlocks: 0 });
    expect(await vault.status(us)).toHaveProperty('collectedAt');
  });

  it('refuses a region that is not there', async () => {
    await expect(vault.status('mars-1')).rejects.toThrow(RangeError);
    await expect(vault.repair('mars-1', true)).rejects.toThrow(RangeError);
  });
});
