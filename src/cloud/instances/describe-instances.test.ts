import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSimulatedNode } from '../../node/simulated/simulated-node.ts';
import type { NodeId } from '../../platform/ids.ts';
import { inState, launch } from '../testing/launch.ts';
import { accountB, eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let now: number;
let cloud: TestCloud;
beforeEach(async () => {
  now = Date.now();
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId, memoryForInstancesMiB: 4096 });
  cloud = await openTestCloud({ node, now: () => new Date(now) });
});
afterEach(() => cloud.close());

async function found(name: string, ...values: string[]) {
  const { Reservations = [] } = await cloud.call('DescribeInstances', {
    Filters: [{ Name: name, Values: values }],
  });
  return Reservations.flatMap((one) => one.Instances ?? []).map((one) => one.InstanceId);
}

async function terminate(instanceId: string) {
  await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
  await inState(cloud, instanceId, 'terminated');
}

const silent = { UserData: Buffer.from('ingot-simulate: agent=silent').toString('base64') };

describe('DescribeInstances', () => {
  it('finds an instance by what it shows', async () => {
    const { instanceId, rootVolumeId } = await launch(cloud, { InstanceType: 't3.nano' });
    const shown = await inState(cloud, instanceId, 'running');
    for (const [name, value] of [
      ['instance-state-name', 'running'],
      ['instance-state-code', '16'],
      ['instance-type', 't3.*'],
      ['image-id', cloud.baseImageId],
      ['availability-zone', 'us-east-1a'],
      ['block-device-mapping.volume-id', rootVolumeId],
      ['block-device-mapping.status', 'attached'],
      ['ip-address', shown?.PublicIpAddress],
      ['private-ip-address', shown?.PrivateIpAddress],
      ['vpc-id', shown?.VpcId],
      ['network-interface.subnet-id', shown?.SubnetId],
      ['network-interface.network-interface-id', shown?.NetworkInterfaces?.[0]?.NetworkInterfaceId],
      ['instance.group-name', 'default'],
      ['root-device-type', 'ebs'],
      ['tenancy', 'default'],
      ['metadata-options.http-endpoint', 'disabled'],
    ] as const) {
      expect(await found(name, 'nothing', value ?? ''), name).toEqual([instanceId]);
    }
    expect(await found('instance-lifecycle', 'spot')).toEqual([]);
    await expect(found('colour', 'red')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('a terminated instance has no network any more and is not found by it', async () => {
    const { instanceId } = await launch(cloud);
    const vpcId = (await inState(cloud, instanceId, 'running'))?.VpcId ?? '';
    await terminate(instanceId);
    expect(await found('vpc-id', vpcId)).toEqual([]);
    expect(await found('instance-state-name', 'terminated')).toEqual([instanceId]);
  });

  it('shows instances to their account in their region only', async () => {
    const { instanceId } = await launch(cloud);
    for (const as of [{ accountId: accountB }, { region: 'eu-west-1' }]) {
      expect((await cloud.call('DescribeInstances', {}, as)).Reservations).toEqual([]);
      await expect(cloud.call('DescribeInstances', { InstanceIds: [instanceId] }, as)).rejects.toMatchObject({
        code: 'InvalidInstanceID.NotFound',
      });
    }
    await expect(cloud.call('DescribeInstances', { InstanceIds: ['i-x'] })).rejects.toMatchObject({
      code: 'InvalidInstanceID.Malformed',
    });
  });

  it('keeps a terminated instance for an hour, and its tags as long', async () => {
    const { instanceId } = await launch(cloud, {
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    await terminate(instanceId);
    now += 59 * 60_000;
    cloud.cloud.wake();
    expect(await found('tag:a', 'b')).toEqual([instanceId]);
    now += 2 * 60_000;
    await eventually(
      () => cloud.call('DescribeInstances', {}),
      ({ Reservations = [] }) => Reservations.length === 0,
    );
    const tags = await cloud.cloud.db.read.selectFrom('tags').selectAll().where('key', '=', 'a').execute();
    expect(tags).toEqual([]);
  });

  it('forgets client tokens after two days, not before one', async () => {
    await launch(cloud, { ClientToken: 'once' });
    const tokens = () => cloud.cloud.db.read.selectFrom('client_tokens').select('token').execute();
    now += 25 * 3_600_000;
    cloud.cloud.wake();
    expect(await tokens()).toHaveLength(1);
    now += 24 * 3_600_000;
    await eventually(tokens, (rows) => rows.length === 0);
  });
});

describe('DescribeInstanceStatus', () => {
  const status = async (more: object = {}) =>
    (await cloud.call('DescribeInstanceStatus', more)).InstanceStatuses ?? [];

  it('is ok when the guest agent answers', async () => {
    const { instanceId } = await launch(cloud);
    expect(await status()).toMatchObject([
      { InstanceId: instanceId, InstanceStatus: { Status: 'ok' }, SystemStatus: { Status: 'ok' } },
    ]);
  });

  it('of a guest without an agent is initializing for two minutes', async () => {
    await launch(cloud, silent);
    expect(await status()).toMatchObject([{ InstanceStatus: { Status: 'initializing' } }]);
    now += 121_000;
    expect(await status()).toMatchObject([{ InstanceStatus: { Status: 'ok' } }]);
    const initializing = { Name: 'instance-status.status', Values: ['initializing'] };
    expect(await status({ Filters: [initializing] })).toEqual([]);
  });

  it('shows what does not run only when all are asked for', async () => {
    const { instanceId } = await launch(cloud);
    await cloud.call('StopInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'stopped');
    expect(await status({ InstanceIds: [instanceId] })).toEqual([]);
    expect(await status({ IncludeAllInstances: true })).toMatchObject([
      { InstanceState: { Name: 'stopped' }, InstanceStatus: { Status: 'not-applicable' } },
    ]);
  });
});

describe('GetConsoleOutput', () => {
  it('is base64 with its time, and empty when there is no machine any more', async () => {
    const { instanceId: InstanceId } = await launch(cloud);
    const console = await cloud.call('GetConsoleOutput', { InstanceId, Latest: true });
    expect(Buffer.from(console.Output ?? '', 'base64').toString()).toContain('login:');
    expect(console.Timestamp).toBeInstanceOf(Date);
    await terminate(InstanceId);
    expect((await cloud.call('GetConsoleOutput', { InstanceId })).Output).toBeUndefined();
  });
});

describe('instance types', () => {
  it('are those that a node can run', async () => {
    const { InstanceTypes = [] } = await cloud.call('DescribeInstanceTypes', {});
    const names = InstanceTypes.map((type) => type.InstanceType as string);
    expect(names).toContain('t3.medium');
    expect(names).toContain('t4g.micro');
    expect(names).not.toContain('t3.large');
    expect(names).toEqual(names.toSorted());
  });

  it('say what a machine of them is', async () => {
    const { InstanceTypes = [] } = await cloud.call('DescribeInstanceTypes', { InstanceTypes: ['t3.micro'] });
    expect(InstanceTypes).toMatchObject([
      {
        VCpuInfo: { DefaultVCpus: 2 },
        MemoryInfo: { SizeInMiB: 1024 },
        ProcessorInfo: { SupportedArchitectures: ['x86_64'] },
        SupportedBootModes: ['legacy-bios', 'uefi'],
        BurstablePerformanceSupported: true,
      },
    ]);
    await expect(
      cloud.call('DescribeInstanceTypes', { InstanceTypes: ['t3.micro', 'x9.big' as never] }),
    ).rejects.toMatchObject({ code: 'InvalidInstanceType' });
  });

  it('are filtered and paged', async () => {
    const Filters = [{ Name: 'processor-info.supported-architecture', Values: ['arm64'] }];
    const first = await cloud.call('DescribeInstanceTypes', { Filters, MaxResults: 5 });
    expect(first.InstanceTypes).toHaveLength(5);
    const { NextToken = '' } = first;
    const second = await cloud.call('DescribeInstanceTypes', { Filters, MaxResults: 5, NextToken });
    const all = [...(first.InstanceTypes ?? []), ...(second.InstanceTypes ?? [])];
    expect(all.every((type) => type.ProcessorInfo?.SupportedArchitectures?.[0] === 'arm64')).toBe(true);
  });

  it('are offered in the region and in each zone', async () => {
    const offered = async (LocationType?: 'availability-zone') =>
      (
        await cloud.call('DescribeInstanceTypeOfferings', {
          ...(LocationType === undefined ? {} : { LocationType }),
          Filters: [{ Name: 'instance-type', Values: ['t3.micro'] }],
        })
      ).InstanceTypeOfferings?.map((one) => one.Location);
    expect(await offered()).toEqual(['us-east-1']);
    expect(await offered('availability-zone')).toEqual(['us-east-1a', 'us-east-1b']);
  });

  it('that burst are never slowed down', async () => {
    const { instanceId } = await launch(cloud);
    expect(
      (await cloud.call('DescribeInstanceCreditSpecifications', { InstanceIds: [instanceId] }))
        .InstanceCreditSpecifications,
    ).toEqual([{ InstanceId: instanceId, CpuCredits: 'unlimited' }]);
  });
});
