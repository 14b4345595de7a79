import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSimulatedNode } from '../../node/simulated/simulated-node.ts';
import type { NodeId } from '../../platform/ids.ts';
import { inState, launch } from '../testing/launch.ts';
import { openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let cloud: TestCloud;
beforeEach(async () => {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId, memoryForInstancesMiB: 4096 });
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

const attribute = async (InstanceId: string, Attribute: string) =>
  await cloud.call('DescribeInstanceAttribute', { InstanceId, Attribute: Attribute as never });

async function stopped() {
  const { instanceId } = await launch(cloud);
  await cloud.call('StopInstances', { InstanceIds: [instanceId] });
  await inState(cloud, instanceId, 'stopped');
  return instanceId;
}

it.each([
  [{ InstanceType: { Value: 't3.small' } }, 'instanceType', { InstanceType: { Value: 't3.small' } }],
  [{ Attribute: 'instanceType', Value: 't3.small' }, 'instanceType', { InstanceType: { Value: 't3.small' } }],
  [{ UserData: { Value: Buffer.from('hello') } }, 'userData', { UserData: { Value: 'aGVsbG8=' } }],
  [{ Attribute: 'userData', Value: 'aGVsbG8=' }, 'userData', { UserData: { Value: 'aGVsbG8=' } }],
  [
    { DisableApiTermination: { Value: true } },
    'disableApiTermination',
    { DisableApiTermination: { Value: true } },
  ],
  [{ Attribute: 'disableApiStop', Value: 'true' }, 'disableApiStop', { DisableApiStop: { Value: true } }],
  [
    { InstanceInitiatedShutdownBehavior: { Value: 'terminate' } },
    'instanceInitiatedShutdownBehavior',
    { InstanceInitiatedShutdownBehavior: { Value: 'terminate' } },
  ],
  [{ SourceDestCheck: { Value: false } }, 'sourceDestCheck', { SourceDestCheck: { Value: false } }],
  [{ EbsOptimized: { Value: true } }, 'ebsOptimized', { EbsOptimized: { Value: true } }],
  [{ EnaSupport: { Value: false } }, 'enaSupport', { EnaSupport: { Value: false } }],
  [{ SriovNetSupport: { Value: 'simple' } }, 'sriovNetSupport', { SriovNetSupport: { Value: 'simple' } }],
])('%o is kept and shown as %s', async (change, name, shown) => {
  const InstanceId = await stopped();
  await cloud.call('ModifyInstanceAttribute', { InstanceId, ...change } as never);
  expect(await attribute(InstanceId, name)).toEqual({ InstanceId, ...shown });
});

it.each([
  [{}, 'MissingParameter'],
  [{ DisableApiStop: { Value: true }, EbsOptimized: { Value: true } }, 'InvalidParameterCombination'],
  [{ Attribute: 'colour', Value: 'true' }, 'InvalidParameterValue'],
  [{ Attribute: 'disableApiStop', Value: 'maybe' }, 'InvalidParameterValue'],
  [{ InstanceType: { Value: 't4g.micro' } }, 'InvalidParameterValue'],
  [{ InstanceType: { Value: 't3.large' } }, 'InsufficientInstanceCapacity'],
  [{ Kernel: { Value: 'aki-1' } }, 'UnsupportedOperation'],
  [{ Groups: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound'],
  [{ BlockDeviceMappings: [{ DeviceName: '/dev/sdz', Ebs: {} }] }, 'InvalidInstanceAttributeValue'],
  [{ DisableApiStop: { Value: true }, DryRun: true }, 'DryRunOperation'],
])('a stopped instance answers %o with %s', async (change, code) => {
  const InstanceId = await stopped();
  await expect(
    cloud.call('ModifyInstanceAttribute', { InstanceId, ...change } as never),
  ).rejects.toMatchObject({ code });
});

it.each([
  { InstanceType: { Value: 't3.small' } },
  { UserData: { Value: Buffer.from('hello') } },
  { EbsOptimized: { Value: true } },
])('a running instance refuses %o', async (change) => {
  const { instanceId: InstanceId } = await launch(cloud);
  await expect(
    cloud.call('ModifyInstanceAttribute', { InstanceId, ...change } as never),
  ).rejects.toMatchObject({ code: 'IncorrectInstanceState' });
});

it('a changed type and changed user data are what the next start has', async () => {
  const InstanceId = await stopped();
  await cloud.call('ModifyInstanceAttribute', { InstanceId, InstanceType: { Value: 't3.nano' } });
  await cloud.call('ModifyInstanceAttribute', {
    InstanceId,
    UserData: { Value: Buffer.from('ingot-simulate: agent=silent') },
  });
  await cloud.call('StartInstances', { InstanceIds: [InstanceId] });
  await inState(cloud, InstanceId, 'running');
  const machine = await cloud.node.machine({ instanceId: InstanceId as never });
  expect(machine.agent).toBe('silent');
});

it('other groups open other ports by the time the call answers', async () => {
  const { instanceId: InstanceId } = await launch(cloud);
  const { GroupId = '' } = await cloud.call('CreateSecurityGroup', { GroupName: 'web', Description: 'web' });
  await cloud.call('ModifyInstanceAttribute', { InstanceId, Groups: [GroupId] });
  const row = await cloud.cloud.db.read.selectFrom('instances').selectAll().executeTakeFirstOrThrow();
  expect(row.ports_wanted).toBe(0);
  expect(await attribute(InstanceId, 'groupSet')).toMatchObject({ Groups: [{ GroupName: 'web' }] });
});

it('a device can be kept beyond its instance', async () => {
  const { instanceId: InstanceId, rootVolumeId } = await launch(cloud);
  await cloud.call('ModifyInstanceAttribute', {
    InstanceId,
    BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { DeleteOnTermination: false } }],
  });
  expect(await attribute(InstanceId, 'blockDeviceMapping')).toMatchObject({
    BlockDeviceMappings: [{ Ebs: { DeleteOnTermination: false } }],
  });
  await cloud.call('TerminateInstances', { InstanceIds: [InstanceId] });
  await inState(cloud, InstanceId, 'terminated');
  expect((await cloud.call('DescribeVolumes', {})).Volumes).toMatchObject([{ VolumeId: rootVolumeId }]);
});

it('sourceDestCheck is reset to true; other attributes are not reset', async () => {
  const { instanceId: InstanceId } = await launch(cloud);
  await cloud.call('ModifyInstanceAttribute', { InstanceId, SourceDestCheck: { Value: false } });
  await cloud.call('ResetInstanceAttribute', { InstanceId, Attribute: 'sourceDestCheck' });
  expect(await attribute(InstanceId, 'sourceDestCheck')).toMatchObject({ SourceDestCheck: { Value: true } });
  await expect(
    cloud.call('ResetInstanceAttribute', { InstanceId, Attribute: 'userData' }),
  ).rejects.toMatchObject({ code: 'InvalidParameterValue' });
});

it('there is no metadata service to enable', async () => {
  const { instanceId: InstanceId } = await launch(cloud);
  await expect(
    cloud.call('ModifyInstanceMetadataOptions', { InstanceId, HttpEndpoint: 'enabled' }),
  ).rejects.toMatchObject({ code: 'UnsupportedOperation' });
  expect(
    await cloud.call('ModifyInstanceMetadataOptions', { InstanceId, HttpEndpoint: 'disabled' }),
  ).toMatchObject({ InstanceMetadataOptions: { HttpEndpoint: 'disabled' } });
});
