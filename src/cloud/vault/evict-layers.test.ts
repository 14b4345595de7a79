import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LayerId } from '../../platform/ids.ts';
import { type FlakyNode, flakyNode } from '../testing/flaky-node.ts';
import { inState, launch } from '../testing/launch.ts';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { allStored, imageInState } from '../testing/stored.ts';
import { evictableLayers, evictLayer } from './evict-layers.ts';

const eu = { region: 'eu-west-1' };

let node: FlakyNode;
let cloud: TestCloud;
beforeEach(async () => {
  node = flakyNode();
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

const layers = async () => (await node.listLayers()).map((layer) => layer.layerId);
const evictable = () => evictableLayers(cloud.cloud, 'node-1' as never);
const evictAll = async () => {
  for (const layer of await evictable()) await evictLayer(cloud.cloud, layer);
};
const evicted = () => cloud.cloud.db.read.selectFrom('evicted_layers').selectAll().execute();
const terminate = async (instanceId: string) => {
  await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
  await inState(cloud, instanceId, 'terminated');
};
/** An image whose source instance is gone. */
const orphan = async (Name: string) => {
  const { instanceId } = await launch(cloud);
  const { ImageId = '' } = await cloud.call('CreateImage', { InstanceId: instanceId, Name });
  await terminate(instanceId);
  await allStored(cloud);
  return ImageId;
};

it('every local layer gone, an image still launches; then its layer is here again', async () => {
  const imageId = await orphan('image');
  await evictAll();
  await eventually(layers, (ids) => ids.length === 0);
  const { instanceId } = await launch(cloud, { ImageId: imageId });
  await eventually(evicted, (rows) => rows.length === 1);
  expect(await layers()).toHaveLength(2);
  await eventually(
    async () => node.count('recordBoot'),
    (count) => count === 1,
  );
  await terminate(instanceId);
  await eventually(layers, (ids) => ids.length === 1);
  const fetched = node.count('fetchLayer');
  await launch(cloud, { ImageId: imageId });
  expect(node.count('fetchLayer')).toBe(fetched);
});

it('what the vault has not yet, or a volume stands on, is not let go of', async () => {
  node.refuse('ingestSnapshot', new Error('not yet'), 100);
  const { instanceId } = await launch(cloud);
  await cloud.call('CreateImage', { InstanceId: instanceId, Name: 'image' });
  expect(await evictable()).toEqual([]);
  await terminate(instanceId);
  expect(await evictable()).toEqual([]);
});

it('a launch that comes between the choice and the eviction keeps its layer', async () => {
  const imageId = await orphan('image');
  const [layer] = await evictable();
  if (layer === undefined) throw new Error('nothing can be evicted');
  node.refuse('createLayer', new Error('the wire broke'), 1);
  const launched = launch(cloud, { ImageId: imageId });
  await eventually(
    () => cloud.cloud.db.read.selectFrom('volumes').select('volume_id').execute(),
    (rows) => rows.length === 1,
  );
  expect(await evictLayer(cloud.cloud, layer)).toBe(false);
  await launched;
});

it('a snapshot that is deleted while its layer comes back is kept in the vault until it is here', async () => {
  const imageId = await orphan('image');
  await evictAll();
  await eventually(layers, (ids) => ids.length === 0);
  node.refuse('fetchLayer', new Error('the wire broke'), 10);
  const launched = launch(cloud, { ImageId: imageId });
  await eventually(evicted, (rows) => rows.some((row) => row.state === 'fetching'));
  await cloud.call('DeregisterImage', { ImageId: imageId, DeleteAssociatedSnapshots: true });
  await launched;
  // It has what it needs; now nothing is left but the base.
  await eventually(
    () => node.listStoredSnapshots({ region: 'us-east-1' }),
    (ids) => ids.length === 1,
  );
});

it('a layer that many regions share goes once each of their vaults has it, and comes back from any', async () => {
  const imageId = await orphan('image');
  const { ImageId: copy = '' } = await cloud.call(
    'CopyImage',
    { Name: 'copy', SourceImageId: imageId, SourceRegion: 'us-east-1' },
    eu,
  );
  await imageInState(cloud, copy, 'available', eu);
  await evictAll();
  await eventually(layers, (ids) => ids.length === 0);
  await cloud.call('DeregisterImage', { ImageId: imageId, DeleteAssociatedSnapshots: true });
  await cloud.call('DeregisterImage', { ImageId: cloud.baseImageId }).catch(() => undefined);
  await launch(cloud, { ImageId: copy }, eu);
});

it('a copy to another region of what is evicted moves between the vaults', async () => {
  const imageId = await orphan('image');
  await evictAll();
  await eventually(layers, (ids) => ids.length === 0);
  const { ImageId: copy = '' } = await cloud.call(
    'CopyImage',
    { Name: 'copy', SourceImageId: imageId, SourceRegion: 'us-east-1' },
    eu,
  );
  await cloud.call('DeregisterImage', { ImageId: imageId, DeleteAssociatedSnapshots: true });
  await imageInState(cloud, copy, 'available', eu);
  expect(await layers()).toEqual([]);
  await launch(cloud, { ImageId: copy }, eu);
});

it('of what is over the configured size, the one least recently launched goes first', async () => {
  const used = await orphan('used');
  const unused = await orphan('unused');
  await terminate((await launch(cloud, { ImageId: used })).instanceId);
  const order = await evictable();
  const layerOf = async (imageId: string) => {
    const { Images } = await cloud.call('DescribeImages', { ImageIds: [imageId] });
    const id = Images?.[0]?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
    const row = await cloud.cloud.db.read
      .selectFrom('snapshots')
      .select('layer_id')
      .where('snapshot_id', '=', id as never)
      .executeTakeFirstOrThrow();
    return row.layer_id;
  };
  expect(order.slice(0, 2).map((layer) => layer.layerId)).toEqual([
    await layerOf(unused),
    await layerOf(used),
  ]);
  await cloud.close();
  cloud = await openTestCloud({ node, layerCacheGiB: 0 });
  // Those of the closed cloud belong to nobody here; the base that was added anew isn't in the vault.
  await eventually(layers, (ids) => ids.length === 1);
});

it('a base that another region has not stored can go, and its image there launches still', async () => {
  await orphan('image');
  await evictAll();
  await eventually(layers, (ids: readonly LayerId[]) => ids.length === 0);
  const { Images } = await cloud.call('DescribeImages', { Owners: ['amazon'] }, eu);
  await launch(cloud, { ImageId: Images?.[0]?.ImageId ?? '' }, eu);
});
