import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSimulatedNode } from '../../node/simulated/simulated-node.ts';
import { openDatabase } from '../../platform/database/database.ts';
import type { NodeId } from '../../platform/ids.ts';
import type { Schema } from '../schema.ts';
import { inState, launch } from '../testing/launch.ts';
import { accountB, eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let cloud: TestCloud;
beforeEach(async () => {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId, memoryForInstancesMiB: 4096 });
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

const run = async (more: object = {}, as = {}) =>
  await cloud.call('RunInstances', { ImageId: cloud.baseImageId, MinCount: 1, MaxCount: 1, ...more }, as);

const instanceRows = () => cloud.cloud.db.read.selectFrom('instances').selectAll().execute();

describe('how many', () => {
  it('as many as fit are launched, when at least the least do', async () => {
    const { Instances = [] } = await run({ MinCount: 2, MaxCount: 10, InstanceType: 't3.micro' });
    expect(Instances.map((one) => one.AmiLaunchIndex)).toEqual([0, 1, 2, 3]);
    expect(new Set(Instances.map((one) => one.PrivateIpAddress)).size).toBe(4);
  });

  it('none is launched when the least do not fit, and the fault is one that clients retry', async () => {
    await expect(run({ MinCount: 5, MaxCount: 10, InstanceType: 't3.micro' })).rejects.toMatchObject({
      code: 'InsufficientInstanceCapacity',
      status: 500,
    });
    expect(await instanceRows()).toEqual([]);
  });

  it('memory is promised by the launch, and given back by a stop', async () => {
    const { instanceId } = await launch(cloud, { InstanceType: 't3.medium' });
    await expect(run()).rejects.toMatchObject({ code: 'InsufficientInstanceCapacity' });
    await cloud.call('StopInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'stopped');
    await launch(cloud);
    await expect(cloud.call('StartInstances', { InstanceIds: [instanceId] })).rejects.toMatchObject({
      code: 'InsufficientInstanceCapacity',
    });
  });

  it('launches that meet do not promise the same memory twice', async () => {
    const launches = await Promise.allSettled(
      Array.from({ length: 6 }, () => run({ InstanceType: 't3.micro' })),
    );
    expect(launches.filter((one) => one.status === 'fulfilled')).toHaveLength(4);
  });
});

describe('what is refused', () => {
  it.each([
    [{ MinCount: 0 }, 'InvalidParameterValue'],
    [{ MinCount: 2, MaxCount: 1 }, 'InvalidParameterValue'],
    [{ MinCount: undefined }, 'MissingParameter'],
    [{ ImageId: undefined }, 'MissingParameter'],
    [{ ImageId: 'ami-0123456789abcdef0' }, 'InvalidAMIID.NotFound'],
    [{ InstanceType: 'x1.huge' }, 'InvalidParameterValue'],
    [{ InstanceType: 't4g.micro' }, 'InvalidParameterValue'],
    [{ KeyName: 'nobody' }, 'InvalidKeyPair.NotFound'],
    [{ SecurityGroupIds: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound'],
    [{ UserData: 'not base64!' }, 'InvalidParameterValue'],
    [{ UserData: Buffer.alloc(16_385).toString('base64') }, 'InvalidParameterValue'],
    [{ InstanceInitiatedShutdownBehavior: 'explode' }, 'InvalidParameterValue'],
    [{ InstanceMarketOptions: { MarketType: 'spot' } }, 'UnsupportedOperation'],
    [{ IamInstanceProfile: { Name: 'admin' } }, 'UnsupportedOperation'],
    [{ Monitoring: { Enabled: true } }, 'UnsupportedOperation'],
    [{ HibernationOptions: { Configured: true } }, 'UnsupportedOperation'],
    [{ Placement: { Tenancy: 'dedicated' } }, 'UnsupportedOperation'],
    [{ CpuOptions: { CoreCount: 8 } }, 'UnsupportedOperation'],
    [{ TagSpecifications: [{ ResourceType: 'image', Tags: [] }] }, 'InvalidParameterValue'],
    [{ DryRun: true }, 'DryRunOperation'],
  ])('%o with %s', async (more, code) => {
    await expect(run(more)).rejects.toMatchObject({ code });
    expect(await instanceRows()).toEqual([]);
  });

  it.each([
    [{ DeviceName: '/dev/sda1', Ebs: { Encrypted: true } }, 'UnsupportedOperation'],
    [{ DeviceName: '/dev/sdb', Ebs: { VolumeSize: 1, Encrypted: true } }, 'UnsupportedOperation'],
    [{ DeviceName: '/dev/sda1', NoDevice: '' }, 'InvalidBlockDeviceMapping'],
    [{ DeviceName: '/dev/nvme0n1', Ebs: { VolumeSize: 1 } }, 'InvalidBlockDeviceMapping'],
    [{ DeviceName: '/dev/xvda1', Ebs: { VolumeSize: 1 } }, 'InvalidBlockDeviceMapping'],
    [{ DeviceName: '/dev/sda1', Ebs: { VolumeType: 'io1', VolumeSize: 4 } }, 'MissingParameter'],
    [{ DeviceName: '/dev/sdb', Ebs: { VolumeSize: 1, VolumeType: 'gp9' } }, 'UnknownVolumeType'],
    [{ DeviceName: '/dev/sdb', Ebs: { SnapshotId: 'snap-0123456789abcdef0' } }, 'InvalidSnapshot.NotFound'],
  ])('the device %o with %s', async (device, code) => {
    await expect(run({ BlockDeviceMappings: [device] })).rejects.toMatchObject({ code });
  });

  it('a volume of a private snapshot of another account', async () => {
    const { rootVolumeId } = await launch(cloud);
    const { SnapshotId } = await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
    await expect(
      run(
        { BlockDeviceMappings: [{ DeviceName: '/dev/sdb', Ebs: { SnapshotId } }] },
        { accountId: accountB },
      ),
    ).rejects.toMatchObject({ code: 'InvalidSnapshot.NotFound' });
  });

  it('a volume that is smaller than its snapshot', async () => {
    const { VolumeId = '' } = await cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 9 });
    await eventually(
      async () => (await cloud.call('DescribeVolumes', { VolumeIds: [VolumeId] })).Volumes?.[0]?.State,
      (state) => state === 'available',
    );
    const { SnapshotId } = await cloud.call('CreateSnapshot', { VolumeId });
    await expect(
      run({ BlockDeviceMappings: [{ DeviceName: '/dev/sdb', Ebs: { SnapshotId, VolumeSize: 8 } }] }),
    ).rejects.toMatchObject({ code: 'InvalidBlockDeviceMapping' });
  });
});

it('empty texts mean that nothing was chosen, as Packer sends them', async () => {
  const { Instances } = await run({
    IamInstanceProfile: { Name: '' },
    KeyName: '',
    Placement: { AvailabilityZone: '', Tenancy: '' },
    KernelId: '',
  });
  expect(Instances).toHaveLength(1);
});

it('a launch has the disks that it asked for', async () => {
  const { instanceId } = await launch(cloud, {
    BlockDeviceMappings: [
      { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 6, VolumeType: 'gp2', DeleteOnTermination: false } },
      { DeviceName: '/dev/sdb', Ebs: { VolumeSize: 8, VolumeType: 'gp3', Iops: 4000 } },
      { DeviceName: '/dev/sdc', VirtualName: 'ephemeral0' },
    ],
  });
  const { Volumes = [] } = await cloud.call('DescribeVolumes', {});
  const shown = Volumes.map((volume) => ({
    device: volume.Attachments?.[0]?.Device,
    size: volume.Size,
    type: volume.VolumeType,
    iops: volume.Iops,
    deleted: volume.Attachments?.[0]?.DeleteOnTermination,
  })).sort((a, b) => String(a.device).localeCompare(String(b.device)));
  expect(shown).toEqual([
    { device: '/dev/sda1', size: 6, type: 'gp2', iops: 100, deleted: false },
    { device: '/dev/sdb', size: 8, type: 'gp3', iops: 4000, deleted: true },
  ]);
  const machine = await cloud.node.machine({ instanceId: instanceId as never });
  expect(machine.volumes.map((volume) => [volume.deviceName, volume.root])).toEqual([
    ['/dev/sda1', true],
    ['/dev/sdb', false],
  ]);
});

it('tags go to the instances, the volumes and the interfaces of the launch', async () => {
  const Tags = [{ Key: 'team', Value: 'ml' }];
  await run({
    TagSpecifications: ['instance', 'volume', 'network-interface'].map((ResourceType) => ({
      ResourceType,
      Tags,
    })),
  });
  const rows = await cloud.cloud.db.read.selectFrom('tags').selectAll().where('key', '=', 'team').execute();
  expect(rows.map((row) => row.resource_type).sort()).toEqual(['instance', 'network-interface', 'volume']);
});

it('one client token launches once, also when both calls come at once and after a restart', async () => {
  const input = { ClientToken: 'once', MaxCount: 2 };
  const [first, second] = await Promise.all([run(input), run(input)]);
  expect(second.ReservationId).toBe(first.ReservationId);
  cloud = await cloud.reopen();
  expect((await run(input)).ReservationId).toBe(first.ReservationId);
  expect(await instanceRows()).toHaveLength(2);
  await expect(run({ ...input, MaxCount: 1 })).rejects.toMatchObject({ code: 'IdempotentParameterMismatch' });
  const other = await run(input, { accountId: accountB });
  expect(other.ReservationId).not.toBe(first.ReservationId);
});

it('a client token of instances that are terminated is refused, and not launched again', async () => {
  const { Instances = [] } = await run({ ClientToken: 'gone' });
  const instanceId = Instances[0]?.InstanceId ?? '';
  await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
  await inState(cloud, instanceId, 'terminated');
  await expect(run({ ClientToken: 'gone' })).rejects.toMatchObject({ code: 'IdempotentInstanceTerminated' });
});

it('a launch takes its network by ids and by names of security groups', async () => {
  const { GroupId = '' } = await cloud.call('CreateSecurityGroup', { GroupName: 'web', Description: 'web' });
  const byId = await run({ SecurityGroupIds: [GroupId] });
  const byName = await run({ SecurityGroups: ['web'] });
  for (const { Instances } of [byId, byName]) {
    expect(Instances?.[0]?.SecurityGroups).toEqual([{ GroupId, GroupName: 'web' }]);
  }
});

it('a security group that is deleted while a launch is being checked is missed, and nothing is launched', async () => {
  let meanwhile: () => Promise<unknown> = async () => undefined;
  await cloud.close();
  cloud = await openTestCloud({
    openDatabase: async (file, migrations) => {
      const db = await openDatabase<Schema>(file, migrations);
      return {
        ...db,
        write: async (work) => {
          const first = meanwhile;
          meanwhile = async () => undefined;
          await first();
          return await db.write(work);
        },
      };
    },
  });
  const { GroupId = '' } = await cloud.call('CreateSecurityGroup', { GroupName: 'web', Description: 'web' });
  meanwhile = () => cloud.call('DeleteSecurityGroup', { GroupId });
  await expect(run({ SecurityGroupIds: [GroupId] })).rejects.toMatchObject({ code: 'InvalidGroup.NotFound' });
  expect(await instanceRows()).toEqual([]);
});

it('a launch template gives what the call does not say', async () => {
  await cloud.call('CreateLaunchTemplate', {
    LaunchTemplateName: 'small',
    LaunchTemplateData: { ImageId: cloud.baseImageId, InstanceType: 't3.nano', DisableApiTermination: true },
  });
  const { Instances = [] } = await cloud.call('RunInstances', {
    MinCount: 1,
    MaxCount: 1,
    LaunchTemplate: { LaunchTemplateName: 'small' },
    InstanceType: 't3.micro',
  });
  expect(Instances[0]).toMatchObject({ InstanceType: 't3.micro', ImageId: cloud.baseImageId });
  const InstanceIds = [Instances[0]?.InstanceId ?? ''];
  await expect(cloud.call('TerminateInstances', { InstanceIds })).rejects.toMatchObject({
    code: 'OperationNotPermitted',
  });
});
