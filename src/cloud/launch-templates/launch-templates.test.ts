import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountB, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { mergeLaunch } from './with-launch-template.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openTestCloud();
});
afterAll(() => cloud.close());

async function create(name: string, data: object = { InstanceType: 't3.nano' }): Promise<string> {
  const made = await cloud.call('CreateLaunchTemplate', {
    LaunchTemplateName: name,
    LaunchTemplateData: data,
  });
  return made.LaunchTemplate?.LaunchTemplateId ?? '';
}

async function addVersion(LaunchTemplateId: string, data: object, SourceVersion?: string): Promise<number> {
  const made = await cloud.call('CreateLaunchTemplateVersion', {
    LaunchTemplateId,
    LaunchTemplateData: data,
    SourceVersion,
  });
  return made.LaunchTemplateVersion?.VersionNumber ?? 0;
}

async function versions(LaunchTemplateId: string, more: object = {}) {
  const shown = await cloud.call('DescribeLaunchTemplateVersions', { LaunchTemplateId, ...more });
  return shown.LaunchTemplateVersions?.map((version) => version.VersionNumber);
}

describe('launch templates', () => {
  it('begins with version 1, which is latest and default', async () => {
    const made = await cloud.call('CreateLaunchTemplate', {
      LaunchTemplateName: 'first',
      VersionDescription: 'the first one',
      LaunchTemplateData: { InstanceType: 't3.nano' },
      TagSpecifications: [{ ResourceType: 'launch-template', Tags: [{ Key: 'a', Value: 'b' }] }],
    });
    expect(made.LaunchTemplate).toMatchObject({
      LaunchTemplateName: 'first',
      DefaultVersionNumber: 1,
      LatestVersionNumber: 1,
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    const shown = await cloud.call('DescribeLaunchTemplateVersions', { LaunchTemplateName: 'first' });
    expect(shown.LaunchTemplateVersions).toMatchObject([
      {
        VersionNumber: 1,
        DefaultVersion: true,
        VersionDescription: 'the first one',
        LaunchTemplateData: { InstanceType: 't3.nano' },
      },
    ]);
  });

  it('answers a repeated client token with what it made', async () => {
    const input = {
      LaunchTemplateName: 'idempotent',
      LaunchTemplateData: { InstanceType: 't3.nano' as const },
      ClientToken: 'token-1',
    };
    const first = await cloud.call('CreateLaunchTemplate', input);
    const again = await cloud.call('CreateLaunchTemplate', input);
    expect(again.LaunchTemplate?.LaunchTemplateId).toBe(first.LaunchTemplate?.LaunchTemplateId);
    await expect(
      cloud.call('CreateLaunchTemplate', { ...input, LaunchTemplateName: 'different' }),
    ).rejects.toMatchObject({ code: 'IdempotentParameterMismatch' });
  });

  it('refuses taken and malformed names, empty data and bad user data', async () => {
    await create('taken');
    await expect(create('taken')).rejects.toMatchObject({
      code: 'InvalidLaunchTemplateName.AlreadyExistsException',
    });
    await expect(create('a b')).rejects.toMatchObject({
      code: 'InvalidLaunchTemplateName.MalformedException',
    });
    await expect(create('empty', {})).rejects.toMatchObject({ code: 'MissingParameter' });
    await expect(create('data', { UserData: '#!/bin/sh' })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
  });

  it('makes versions from scratch or from another one, and never gives a number twice', async () => {
    const id = await create('versions', { InstanceType: 't3.nano', KeyName: 'k' });
    expect(await addVersion(id, { InstanceType: 't3.micro' })).toBe(2);
    expect(await addVersion(id, { InstanceType: 't3.small' }, '1')).toBe(3);
    const { LaunchTemplateVersions: [third] = [] } = await cloud.call('DescribeLaunchTemplateVersions', {
      LaunchTemplateId: id,
      Versions: ['$Latest'],
    });
    expect(third?.LaunchTemplateData).toMatchObject({ InstanceType: 't3.small', KeyName: 'k' });
    const deleted = await cloud.call('DeleteLaunchTemplateVersions', {
      LaunchTemplateId: id,
      Versions: ['3', '1', '9'],
    });
    expect(deleted.SuccessfullyDeletedLaunchTemplateVersions).toMatchObject([{ VersionNumber: 3 }]);
    expect(deleted.UnsuccessfullyDeletedLaunchTemplateVersions).toMatchObject([
      { VersionNumber: 1, ResponseError: { Code: 'unexpectedError' } },
      { VersionNumber: 9, ResponseError: { Code: 'launchTemplateVersionDoesNotExist' } },
    ]);
    expect(await versions(id, { Versions: ['$Latest'] })).toEqual([2]);
    expect(await addVersion(id, { InstanceType: 't3.nano' })).toBe(4);
  });

  it('lists versions newest first, by number, bounds and default, in pages', async () => {
    const id = await create('listed');
    for (const _ of [2, 3, 4]) await addVersion(id, { InstanceType: 't3.micro' });
    await cloud.call('ModifyLaunchTemplate', { LaunchTemplateId: id, DefaultVersion: '2' });
    expect(await versions(id)).toEqual([4, 3, 2, 1]);
    expect(await versions(id, { Versions: ['1', '$Default'] })).toEqual([2, 1]);
    expect(await versions(id, { MinVersion: '2', MaxVersion: '3' })).toEqual([3, 2]);
    expect(await versions(id, { Filters: [{ Name: 'is-default-version', Values: ['true'] }] })).toEqual([2]);
    const page = await cloud.call('DescribeLaunchTemplateVersions', { LaunchTemplateId: id, MaxResults: 3 });
    expect(page.LaunchTemplateVersions?.map((one) => one.VersionNumber)).toEqual([4, 3, 2]);
    expect(await versions(id, { MaxResults: 3, NextToken: page.NextToken })).toEqual([1]);
    await expect(versions(id, { Versions: ['7'] })).rejects.toMatchObject({
      code: 'InvalidLaunchTemplateId.VersionNotFound',
    });
    const all = await cloud.call('DescribeLaunchTemplateVersions', { Versions: ['$Latest'] });
    expect(all.LaunchTemplateVersions).toContainEqual(
      expect.objectContaining({ LaunchTemplateId: id, VersionNumber: 4 }),
    );
  });

  it('is deleted with its versions, and is its own account’s alone', async () => {
    const id = await create('doomed');
    const other = { accountId: accountB };
    await expect(cloud.call('DeleteLaunchTemplate', { LaunchTemplateId: id }, other)).rejects.toMatchObject({
      code: 'InvalidLaunchTemplateId.NotFound',
    });
    await cloud.call('DeleteLaunchTemplate', { LaunchTemplateName: 'doomed' });
    await expect(versions(id)).rejects.toMatchObject({ code: 'InvalidLaunchTemplateId.NotFound' });
    await expect(
      cloud.call('DescribeLaunchTemplates', { LaunchTemplateNames: ['doomed'] }),
    ).rejects.toMatchObject({ code: 'InvalidLaunchTemplateName.NotFoundException' });
    await create('doomed');
  });

  it('launches with its data under the call’s own, tags of both, and the version it was told', async () => {
    const { KeyName } = await cloud.call('CreateKeyPair', { KeyName: 'template-key', KeyType: 'ed25519' });
    const id = await create('web', {
      ImageId: cloud.baseImageId,
      InstanceType: 't3.nano',
      KeyName,
      UserData: Buffer.from('#!/bin/sh\n').toString('base64'),
      NetworkInterfaces: [{ DeviceIndex: 0, Groups: [await defaultGroup()] }],
      TagSpecifications: [
        {
          ResourceType: 'instance',
          Tags: [
            { Key: 'from', Value: 'template' },
            { Key: 'kept', Value: 'yes' },
          ],
        },
        { ResourceType: 'volume', Tags: [{ Key: 'disk', Value: '1' }] },
      ],
    });
    await addVersion(id, { InstanceType: 't3.micro' }, '1');
    const launched = await cloud.call('RunInstances', {
      LaunchTemplate: { LaunchTemplateName: 'web', Version: '$Latest' },
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'from', Value: 'call' }] }],
    });
    const instance = launched.Instances?.[0];
    expect(instance).toMatchObject({ InstanceType: 't3.micro', KeyName: 'template-key' });
    const tags = Object.fromEntries((instance?.Tags ?? []).map((tag) => [tag.Key, tag.Value]));
    expect(tags).toMatchObject({ from: 'call', kept: 'yes' });
    const disk = instance?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId ?? '';
    const { Tags: diskTags } = await cloud.call('DescribeTags', {
      Filters: [{ Name: 'resource-id', Values: [disk] }],
    });
    expect(diskTags).toMatchObject([{ Key: 'disk', Value: '1' }]);

    const { LaunchTemplateData: data } = await cloud.call('GetLaunchTemplateData', {
      InstanceId: instance?.InstanceId,
    });
    expect(data).toMatchObject({ ImageId: cloud.baseImageId, InstanceType: 't3.micro', KeyName });
    expect(Buffer.from(data?.UserData ?? '', 'base64').toString()).toBe('#!/bin/sh\n');
    await create('like-the-other', data);
    const again = await cloud.call('RunInstances', {
      LaunchTemplate: { LaunchTemplateName: 'like-the-other' },
      MinCount: 1,
      MaxCount: 1,
    });
    expect(again.Instances?.[0]?.SubnetId).toBe(instance?.SubnetId);
  });

  it('joins devices by name and replaces everything else whole', () => {
    const merged = mergeLaunch(
      {
        InstanceType: 't3.nano',
        SecurityGroupIds: ['sg-1'],
        BlockDeviceMappings: [
          { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 8 } },
          { DeviceName: '/dev/sdb', Ebs: { VolumeSize: 1 } },
        ],
      },
      {
        MinCount: 1,
        MaxCount: 1,
        SecurityGroupIds: ['sg-2'],
        BlockDeviceMappings: [{ DeviceName: '/dev/sdb', NoDevice: '' }],
      },
    );
    expect(merged).toEqual({
      MinCount: 1,
      MaxCount: 1,
      InstanceType: 't3.nano',
      SecurityGroupIds: ['sg-2'],
      BlockDeviceMappings: [
        { DeviceName: '/dev/sda1', Ebs: { VolumeSize: 8 } },
        { DeviceName: '/dev/sdb', NoDevice: '' },
      ],
    });
  });

  it('refuses a subnet or groups beside a template that has an interface', () => {
    const data = { NetworkInterfaces: [{ DeviceIndex: 0 }] };
    expect(() => mergeLaunch(data, { MinCount: 1, MaxCount: 1, SubnetId: 'subnet-1' })).toThrow(
      expect.objectContaining({ code: 'InvalidParameterCombination' }),
    );
  });
});

async function defaultGroup(): Promise<string> {
  const { SecurityGroups: groups } = await cloud.call('DescribeSecurityGroups', { GroupNames: ['default'] });
  return groups?.[0]?.GroupId ?? '';
}
