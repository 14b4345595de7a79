import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LayerId } from '../../platform/ids.ts';
import { type FlakyNode, flakyNode } from '../testing/flaky-node.ts';
import { inState, launch } from '../testing/launch.ts';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { ownSnapshot, register } from '../testing/registered.ts';
import { allStored, imageInState } from '../testing/stored.ts';
import { reachable } from './sweep-layers.ts';

let node: FlakyNode;
let cloud: TestCloud;
beforeEach(async () => {
  node = flakyNode();
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

const layers = async () => (await node.listLayers()).map((layer) => layer.layerId);
const holds = (count: number) => eventually(layers, (ids) => ids.length === count);
const settled = async () => {
  const before = node.count('listLayers');
  await new Promise((resolve) => setTimeout(resolve, 300));
  return node.count('listLayers') - before;
};

it('what stands under a layer that is referred to is kept', () => {
  const layer = (id: string, parent?: string) => ({
    layerId: id as LayerId,
    ...(parent === undefined ? {} : { parentLayerId: parent as LayerId }),
  });
  const kept = reachable(
    [layer('base'), layer('mid', 'base'), layer('top', 'mid'), layer('other', 'base')],
    new Set(['mid' as LayerId]),
  );
  expect([...kept].sort()).toEqual(['base', 'mid']);
});

it('the node is asked for its layers only when a row let go of one', async () => {
  await settled();
  const { instanceId } = await launch(cloud);
  await cloud.call('CreateImage', { InstanceId: instanceId, Name: 'image' });
  await allStored(cloud);
  cloud.cloud.wake();
  expect(await settled()).toBe(0);
  await holds(3);
  await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
  await holds(2);
  expect(await settled()).toBe(0);
});

it('a layer that many rows refer to goes with the last of them', async () => {
  const snapshotId = await ownSnapshot(cloud);
  const { instanceId } = await launch(cloud);
  const { ImageId = '' } = await cloud.call('CreateImage', { InstanceId: instanceId, Name: 'image' });
  const { ImageId: copy = '' } = await cloud.call('CopyImage', {
    Name: 'copy',
    SourceImageId: ImageId,
    SourceRegion: 'us-east-1',
  });
  await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
  await inState(cloud, instanceId, 'terminated');
  await cloud.call('DeregisterImage', { ImageId, DeleteAssociatedSnapshots: true });
  await holds(2);
  await launch(cloud, { ImageId: copy });
  await cloud.call('DeregisterImage', { ImageId: copy, DeleteAssociatedSnapshots: true });
  // The instance stands on it still.
  await settled();
  await holds(3);
  await cloud.call('DeleteSnapshot', { SnapshotId: snapshotId });
  await settled();
  await holds(3);
});

it('a layer that could not be deleted is tried again', async () => {
  const { instanceId } = await launch(cloud);
  await holds(2);
  node.refuse('deleteLayers', new Error('the disk is busy'), 2);
  await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
  await holds(1);
});

it('what nobody knows of is removed at the start', async () => {
  await node.createLayer({ layerId: 'layer-00000000000000001' as LayerId, sizeBytes: 2 ** 30 });
  cloud = await cloud.reopen();
  await holds(1);
});

it('a base image that was half added is removed at the start, and added anew', async () => {
  const base = {
    imageName: 'half-x86_64',
    description: '',
    architecture: 'x86_64',
    firmware: 'bios',
    sshUser: 'root',
    alias: 'half',
    file: '/bases/half.qcow2',
  } as const;
  const [nodeId] = cloud.cloud.nodes.ids;
  await node.importLayer({ layerId: 'layer-00000000000000002' as LayerId, file: base.file });
  await cloud.cloud.db.write(async (tx) => {
    const row = await tx.selectFrom('snapshots').selectAll().executeTakeFirstOrThrow();
    await tx
      .insertInto('snapshots')
      .values({
        ...row,
        snapshot_id: 'snap-00000000000000002' as never,
        state: 'pending',
        layer_id: 'layer-00000000000000002' as LayerId,
        node_id: nodeId as never,
      })
      .execute();
  });
  cloud = await cloud.reopen();
  await holds(1);
  const images = await cloud.admin.addBase(base);
  await launch(cloud, { ImageId: images['us-east-1'] ?? '' });
});

it('a copy in another region keeps the layer when the source region’s rows are gone', async () => {
  const id = await register(cloud, 'source');
  const eu = { region: 'eu-west-1' };
  const { ImageId = '' } = await cloud.call(
    'CopyImage',
    { Name: 'copy', SourceImageId: id, SourceRegion: 'us-east-1' },
    eu,
  );
  await cloud.call('DeregisterImage', { ImageId: id, DeleteAssociatedSnapshots: true });
  await settled();
  await imageInState(cloud, ImageId, 'available', eu);
  await launch(cloud, { ImageId }, eu);
});
