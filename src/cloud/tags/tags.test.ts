import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountB, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openTestCloud();
});
afterAll(() => cloud.close());

async function newKey(name: string): Promise<string> {
  const made = await cloud.call('CreateKeyPair', { KeyName: name, KeyType: 'ed25519' });
  return made.KeyPairId ?? '';
}

async function tagsOf(id: string) {
  const { Tags: tags } = await cloud.call('DescribeTags', {
    Filters: [{ Name: 'resource-id', Values: [id] }],
  });
  return tags?.map((tag) => [tag.Key, tag.Value]);
}

describe('tags', () => {
  it('go on every resource that an account has, and are shown with it', async () => {
    const launched = await cloud.call('RunInstances', {
      ImageId: cloud.baseImageId,
      InstanceType: 't3.nano',
      MinCount: 1,
      MaxCount: 1,
    });
    const instance = launched.Instances?.[0];
    const { Subnets: subnets } = await cloud.call('DescribeSubnets', {});
    const { Vpcs: vpcs } = await cloud.call('DescribeVpcs', {});
    const { RouteTables: tables } = await cloud.call('DescribeRouteTables', {});
    const { InternetGateways: gateways } = await cloud.call('DescribeInternetGateways', {});
    const { NetworkAcls: acls } = await cloud.call('DescribeNetworkAcls', {});
    const { SecurityGroups: groups } = await cloud.call('DescribeSecurityGroups', {});
    const { SecurityGroupRules: rules } = await cloud.call('DescribeSecurityGroupRules', {});
    const { LaunchTemplate: template } = await cloud.call('CreateLaunchTemplate', {
      LaunchTemplateName: 'tagged',
      LaunchTemplateData: { InstanceType: 't3.nano' },
    });
    const volume = await cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 1 });
    const ids: Record<string, string | undefined> = {
      'dhcp-options': vpcs?.[0]?.DhcpOptionsId,
      instance: instance?.InstanceId,
      'internet-gateway': gateways?.[0]?.InternetGatewayId,
      'key-pair': await newKey('every'),
      'launch-template': template?.LaunchTemplateId,
      'network-acl': acls?.[0]?.NetworkAclId,
      'network-interface': instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId,
      'route-table': tables?.[0]?.RouteTableId,
      'security-group': groups?.[0]?.GroupId,
      'security-group-rule': rules?.[0]?.SecurityGroupRuleId,
      subnet: subnets?.[0]?.SubnetId,
      volume: volume.VolumeId,
      vpc: vpcs?.[0]?.VpcId,
    };
    const resources = Object.values(ids).map((id) => id ?? '');
    await cloud.call('CreateTags', { Resources: resources, Tags: [{ Key: 'everywhere', Value: 'yes' }] });
    const { Tags: tags } = await cloud.call('DescribeTags', {
      Filters: [{ Name: 'tag:everywhere', Values: ['yes'] }],
    });
    const byType = Object.fromEntries((tags ?? []).map((tag) => [tag.ResourceType, tag.ResourceId]));
    expect(byType).toEqual(ids);
    const filter = { Filters: [{ Name: 'tag:everywhere', Values: ['y*'] }] };
    expect((await cloud.call('DescribeVpcs', filter)).Vpcs).toHaveLength(1);
    expect((await cloud.call('DescribeSubnets', filter)).Subnets).toHaveLength(1);
    expect((await cloud.call('DescribeRouteTables', filter)).RouteTables).toHaveLength(1);
    expect((await cloud.call('DescribeInternetGateways', filter)).InternetGateways).toHaveLength(1);
    expect((await cloud.call('DescribeNetworkAcls', filter)).NetworkAcls).toHaveLength(1);
    expect((await cloud.call('DescribeDhcpOptions', filter)).DhcpOptions).toHaveLength(1);
    expect((await cloud.call('DescribeNetworkInterfaces', filter)).NetworkInterfaces).toHaveLength(1);
    expect((await cloud.call('DescribeSecurityGroupRules', filter)).SecurityGroupRules).toHaveLength(1);
    expect((await cloud.call('DescribeLaunchTemplates', filter)).LaunchTemplates).toHaveLength(1);
    expect((await cloud.call('DescribeInstances', filter)).Reservations).toHaveLength(1);
  });

  it('get a new value under a key that is there', async () => {
    const id = await newKey('again');
    const tag = (Key: string, Value: string) =>
      cloud.call('CreateTags', { Resources: [id], Tags: [{ Key, Value }] });
    await tag('a', '1');
    await tag('a', '2');
    await tag('empty', '');
    expect(await tagsOf(id)).toEqual([
      ['a', '2'],
      ['empty', ''],
    ]);
  });

  it('go by key, by key and value, or all at once; what is not there is gone already', async () => {
    const id = await newKey('deleting');
    const set = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '' },
      { Key: 'c', Value: '3' },
      { Key: 'd', Value: '4' },
    ];
    await cloud.call('CreateTags', { Resources: [id], Tags: set });
    const remove = (Tags?: { Key: string; Value?: string }[]) =>
      cloud.call('DeleteTags', { Resources: [id], ...(Tags === undefined ? {} : { Tags }) });
    await remove([{ Key: 'a', Value: 'other' }, { Key: 'c', Value: '' }, { Key: 'missing' }]);
    expect((await tagsOf(id))?.map(([key]) => key)).toEqual(['a', 'b', 'c', 'd']);
    await remove([{ Key: 'a' }, { Key: 'b', Value: '' }, { Key: 'c', Value: '3' }]);
    expect(await tagsOf(id)).toEqual([['d', '4']]);
    await remove();
    expect(await tagsOf(id)).toEqual([]);
  });

  it('belong to owners: no other account sets, deletes or sees them', async () => {
    const id = await newKey('mine');
    await cloud.call('CreateTags', { Resources: [id], Tags: [{ Key: 'a', Value: '1' }] });
    const as = { accountId: accountB };
    const tag = { Resources: [id], Tags: [{ Key: 'x', Value: 'y' }] };
    await expect(cloud.call('CreateTags', tag, as)).rejects.toMatchObject({
      code: 'InvalidKeyPair.NotFound',
    });
    await expect(cloud.call('DeleteTags', tag, as)).rejects.toMatchObject({
      code: 'InvalidKeyPair.NotFound',
    });
    expect((await cloud.call('DescribeTags', {}, as)).Tags).toEqual([]);
    const image = { Resources: [cloud.baseImageId], Tags: [{ Key: 'x', Value: 'y' }] };
    await expect(cloud.call('CreateTags', image)).rejects.toMatchObject({ code: 'AuthFailure' });
  });

  it('are refused for ids that name nothing, and then none of the call is set', async () => {
    const id = await newKey('partly');
    const tag = (...more: string[]) =>
      cloud.call('CreateTags', { Resources: [id, ...more], Tags: [{ Key: 'k', Value: 'v' }] });
    await expect(tag('snap-0123456789abcdef0')).rejects.toMatchObject({ code: 'InvalidSnapshot.NotFound' });
    await expect(tag('ami-0123456789abcdef0')).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
    await expect(tag('i-0123456789abcdef0')).rejects.toMatchObject({ code: 'InvalidInstanceID.NotFound' });
    await expect(tag('i-zzz')).rejects.toMatchObject({ code: 'InvalidInstanceID.Malformed' });
    await expect(tag('thing-1')).rejects.toMatchObject({ code: 'InvalidID' });
    expect(await tagsOf(id)).toEqual([]);
  });

  it('are at most 50 a resource, with keys of their own and none of aws:', async () => {
    const id = await newKey('many');
    const tag = (tags: { Key: string; Value: string }[]) =>
      cloud.call('CreateTags', { Resources: [id], Tags: tags });
    const numbered = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => ({ Key: `k${from + index}`, Value: 'v' }));
    await tag(numbered(0, 50));
    await tag([{ Key: 'k0', Value: 'changed' }]);
    await expect(tag(numbered(50, 51))).rejects.toMatchObject({ code: 'TagLimitExceeded' });
    await expect(tag([{ Key: 'aws:x', Value: '' }])).rejects.toMatchObject({
      code: 'InvalidParameterValue',
      message: "Tag keys starting with 'aws:' are reserved for internal use",
    });
    await expect(tag([...numbered(0, 1), ...numbered(0, 1)])).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(tag([{ Key: 'x'.repeat(129), Value: '' }])).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(
      cloud.call('CreateTags', { Resources: [id], Tags: [{ Key: 'dry', Value: '' }], DryRun: true }),
    ).rejects.toMatchObject({ code: 'DryRunOperation' });
  });

  it('are listed in pages that miss none', async () => {
    const id = await newKey('paged');
    const keys = Array.from({ length: 12 }, (_, index) => `key-${String(index).padStart(2, '0')}`);
    await cloud.call('CreateTags', { Resources: [id], Tags: keys.map((Key) => ({ Key, Value: '' })) });
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await cloud.call('DescribeTags', {
        Filters: [{ Name: 'resource-id', Values: [id] }],
        MaxResults: 5,
        NextToken,
      });
      seen.push(...(page.Tags ?? []).map((tag) => tag.Key));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual(keys);
  });
});
