/** Each call is killed at each of its steps, and opened again: what it had promised is done, or nothing is. */
import { expect, test } from 'vitest';
import { atRest } from '../testing/at-rest.ts';
import { type KilledScenario, killedAtEachStep } from '../testing/killed-at-each-step.ts';
import { inState, launch } from '../testing/launch.ts';
import type { TestCloud } from '../testing/open-test-cloud.ts';

interface Made {
  readonly instanceId: string;
  readonly volumeId: string;
}

type Scenario = KilledScenario<Made>;

async function running(cloud: TestCloud): Promise<Made> {
  const { instanceId } = await launch(cloud);
  const { VolumeId: volumeId = '' } = await cloud.call('CreateVolume', {
    AvailabilityZone: 'us-east-1a',
    Size: 2,
  });
  await atRest(cloud);
  return { instanceId, volumeId };
}

async function stopped(cloud: TestCloud): Promise<Made> {
  const made = await running(cloud);
  await cloud.call('StopInstances', { InstanceIds: [made.instanceId] });
  await inState(cloud, made.instanceId, 'stopped');
  return made;
}

async function attached(cloud: TestCloud): Promise<Made> {
  const made = await running(cloud);
  await attach(cloud, made);
  await atRest(cloud);
  return made;
}

async function attach(cloud: TestCloud, { volumeId, instanceId }: Made) {
  await cloud.call('AttachVolume', { VolumeId: volumeId, InstanceId: instanceId, Device: '/dev/sdf' });
}

const token = 'the-same';
const run = (cloud: TestCloud) =>
  cloud.call('RunInstances', {
    ImageId: cloud.baseImageId,
    MinCount: 2,
    MaxCount: 2,
    ClientToken: token,
    BlockDeviceMappings: [{ DeviceName: '/dev/sdb', Ebs: { VolumeSize: 3 } }],
  });

const scenarios: readonly Scenario[] = [
  {
    name: 'RunInstances',
    call: run,
    after: async (cloud) => {
      const { Instances = [] } = await run(cloud);
      expect(Instances).toHaveLength(2);
      const { Reservations = [] } = await cloud.call('DescribeInstances', {});
      expect(Reservations.flatMap((one) => one.Instances ?? [])).toHaveLength(2);
    },
  },
  {
    name: 'StopInstances',
    prepare: running,
    call: (cloud, { instanceId }) => cloud.call('StopInstances', { InstanceIds: [instanceId] }),
  },
  {
    name: 'StartInstances',
    prepare: stopped,
    call: (cloud, { instanceId }) => cloud.call('StartInstances', { InstanceIds: [instanceId] }),
  },
  {
    name: 'RebootInstances',
    prepare: running,
    call: (cloud, { instanceId }) => cloud.call('RebootInstances', { InstanceIds: [instanceId] }),
  },
  {
    name: 'TerminateInstances',
    prepare: attached,
    call: (cloud, { instanceId }) => cloud.call('TerminateInstances', { InstanceIds: [instanceId] }),
    after: async (cloud, { instanceId }) => {
      await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
      await inState(cloud, instanceId, 'terminated');
      const { Volumes = [] } = await cloud.call('DescribeVolumes', {});
      expect(Volumes).toMatchObject([{ Size: 2, State: 'available' }]);
    },
  },
  {
    name: 'a launch that is terminated while it starts',
    call: async (cloud) => {
      const { Instances = [] } = await run(cloud);
      await cloud.call('TerminateInstances', { InstanceIds: Instances.map((one) => one.InstanceId ?? '') });
    },
  },
  {
    name: 'a launch that is stopped while it starts',
    call: async (cloud) => {
      const { Instances = [] } = await run(cloud);
      await cloud.call('StopInstances', { InstanceIds: Instances.map((one) => one.InstanceId ?? '') });
    },
  },
  {
    name: 'CreateVolume',
    call: (cloud) => cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 5 }),
  },
  {
    name: 'DeleteVolume',
    prepare: running,
    call: (cloud, { volumeId }) => cloud.call('DeleteVolume', { VolumeId: volumeId }),
  },
  { name: 'AttachVolume', prepare: running, call: attach },
  {
    name: 'DetachVolume',
    prepare: attached,
    call: (cloud, { volumeId }) => cloud.call('DetachVolume', { VolumeId: volumeId }),
  },
  {
    name: 'ModifyVolume',
    prepare: attached,
    call: (cloud, { volumeId }) => cloud.call('ModifyVolume', { VolumeId: volumeId, Size: 8 }),
  },
];

test.each(scenarios)(
  '$name, killed at each step, ends as if it had not been',
  async (scenario) => {
    expect(await killedAtEachStep(scenario)).toBeGreaterThan(4);
  },
  120_000,
);
