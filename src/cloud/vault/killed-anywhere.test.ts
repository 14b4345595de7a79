/** Each call that reaches the vaults is killed at each of its steps, and opened again. */
import { expect, test } from 'vitest';
import { atRest } from '../testing/at-rest.ts';
import { type KilledScenario, killedAtEachStep } from '../testing/killed-at-each-step.ts';
import { inState, launch } from '../testing/launch.ts';
import { eventually, type TestCloud } from '../testing/open-test-cloud.ts';
import { evictableLayers, evictLayer } from './evict-layers.ts';

const eu = { region: 'eu-west-1' };

interface Made {
  readonly imageId: string;
  readonly instanceId: string;
}

type Scenario = KilledScenario<Made> & { readonly durability?: 'layer' | 'vault' };

async function machine(cloud: TestCloud): Promise<Made> {
  const { instanceId } = await launch(cloud);
  return { imageId: '', instanceId };
}

/** An image whose machine is gone. */
async function image(cloud: TestCloud): Promise<Made> {
  const { instanceId } = await launch(cloud);
  const { ImageId: imageId = '' } = await cloud.call('CreateImage', {
    InstanceId: instanceId,
    Name: 'image',
  });
  await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
  await inState(cloud, instanceId, 'terminated');
  await atRest(cloud);
  return { imageId, instanceId };
}

async function evict(cloud: TestCloud): Promise<void> {
  for (const layer of await evictableLayers(cloud.cloud, 'node-1' as never)) {
    await evictLayer(cloud.cloud, layer);
  }
}

async function evictedImage(cloud: TestCloud): Promise<Made> {
  const made = await image(cloud);
  await evict(cloud);
  await eventually(
    () => cloud.node.listLayers(),
    (layers) => layers.length === 0,
  );
  return made;
}

async function images(cloud: TestCloud, as = {}) {
  return (await cloud.call('DescribeImages', { Owners: ['self'] }, as)).Images ?? [];
}

const copy = (cloud: TestCloud, { imageId }: Made) =>
  cloud.call(
    'CopyImage',
    { Name: 'copy', SourceImageId: imageId, SourceRegion: 'us-east-1', ClientToken: 'the-same' },
    eu,
  );
const copied = async (cloud: TestCloud, made: Made) => {
  const { ImageId } = await copy(cloud, made);
  await atRest(cloud);
  expect(await images(cloud, eu)).toMatchObject([{ ImageId, State: 'available' }]);
  await launch(cloud, { ImageId: ImageId ?? '' }, eu);
};

const scenarios: readonly Scenario[] = [
  {
    name: 'CreateImage that waits for the vault',
    durability: 'vault',
    prepare: machine,
    call: (cloud, { instanceId }) =>
      cloud.call('CreateImage', { InstanceId: instanceId, Name: 'image', NoReboot: true }),
    after: async (cloud) => {
      for (const { State } of await images(cloud)) expect(State).toBe('available');
    },
  },
  { name: 'CopyImage to another region', prepare: image, call: copy, after: copied },
  { name: 'CopyImage of what was evicted', prepare: evictedImage, call: copy, after: copied },
  {
    name: 'a copy that is deregistered while it is on its way',
    prepare: image,
    call: async (cloud, made) => {
      const { ImageId = '' } = await copy(cloud, made);
      await cloud.call('DeregisterImage', { ImageId, DeleteAssociatedSnapshots: true }, eu);
    },
  },
  {
    name: 'a copy whose source goes',
    prepare: image,
    call: async (cloud, made) => {
      await copy(cloud, made);
      await cloud.call('DeregisterImage', { ImageId: made.imageId, DeleteAssociatedSnapshots: true });
    },
  },
  {
    name: 'an eviction',
    prepare: image,
    call: evict,
    after: async (cloud, { imageId }) => {
      await launch(cloud, { ImageId: imageId });
    },
  },
  {
    name: 'a launch of what was evicted',
    prepare: evictedImage,
    call: (cloud, { imageId }) => cloud.call('RunInstances', { ImageId: imageId, MinCount: 1, MaxCount: 1 }),
  },
  {
    name: 'an image that is deregistered while its layer comes back',
    prepare: evictedImage,
    call: async (cloud, { imageId }) => {
      await cloud.call('RunInstances', { ImageId: imageId, MinCount: 1, MaxCount: 1 });
      await cloud.call('DeregisterImage', { ImageId: imageId, DeleteAssociatedSnapshots: true });
    },
    after: async (cloud) => {
      const { Reservations = [] } = await cloud.call('DescribeInstances', {});
      for (const { Instances = [] } of Reservations) {
        for (const one of Instances) expect(one.State?.Name).toMatch(/running|terminated/);
      }
    },
  },
];

test.each<Scenario>(scenarios)(
  '$name, killed at each step, ends as if it had not been',
  async ({ durability = 'layer', ...scenario }) => {
    expect(await killedAtEachStep<Made>(scenario, { durability })).toBeGreaterThan(4);
  },
  240_000,
);
