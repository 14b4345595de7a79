import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PortRule } from '../../../node/contract.ts';
import { openSimulatedNode } from '../../../node/simulated/simulated-node.ts';
import type { NodeId } from '../../../platform/ids.ts';
import { accountB, eventually, openTestCloud, type TestCloud } from '../../testing/open-test-cloud.ts';

let cloud: TestCloud;
/** What the node was last told of each machine. */
const openPorts = new Map<string, readonly PortRule[]>();

beforeAll(async () => {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const recording: typeof node = {
    ...node,
    setPorts: async (request) => {
      const status = await node.setPorts(request);
      openPorts.set(request.instanceId, request.ports);
      return status;
    },
  };
  cloud = await openTestCloud({ node: recording });
});
afterAll(() => cloud.close());

let count = 0;
async function newGroup(): Promise<string> {
  count += 1;
  const made = await cloud.call('CreateSecurityGroup', { GroupName: `group-${count}`, Description: 'test' });
  return made.GroupId ?? '';
}

const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

async function permissions(groupId: string) {
  const { SecurityGroups: groups } = await cloud.call('DescribeSecurityGroups', { GroupIds: [groupId] });
  return groups?.[0]?.IpPermissions ?? [];
}

describe('security groups', () => {
  it('begins with nothing let in and everything let out', async () => {
    const groupId = await newGroup();
    const { SecurityGroups: groups } = await cloud.call('DescribeSecurityGroups', { GroupIds: [groupId] });
    expect(groups?.[0]).toMatchObject({
      IpPermissions: [],
      IpPermissionsEgress: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    expect(groups?.[0]?.IpPermissionsEgress?.[0]).not.toHaveProperty('FromPort');
  });

  it('refuses a name that is taken, reserved, or the default one', async () => {
    const create = (GroupName: string) => cloud.call('CreateSecurityGroup', { GroupName, Description: 'x' });
    await create('web');
    await expect(create('web')).rejects.toMatchObject({ code: 'InvalidGroup.Duplicate' });
    await expect(create('default')).rejects.toMatchObject({ code: 'InvalidGroup.Duplicate' });
    await expect(create('sg-1234')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(create('grüße')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('authorizes permissions of both families and of groups, each source with an id of its own', async () => {
    const [groupId, source] = [await newGroup(), await newGroup()];
    const made = await cloud.call('AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      IpPermissions: [
        {
          ...ssh,
          IpRanges: [{ CidrIp: '10.1.2.3/8', Description: 'office' }],
          Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        },
        { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: source }] },
      ],
      TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'k', Value: 'v' }] }],
    });
    expect(made.SecurityGroupRules).toHaveLength(3);
    expect(made.SecurityGroupRules?.[0]).toMatchObject({
      CidrIpv4: '10.0.0.0/8',
      Description: 'office',
      IsEgress: false,
      Tags: [{ Key: 'k', Value: 'v' }],
    });
    expect(await permissions(groupId)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          IpProtocol: '-1',
          UserIdGroupPairs: [{ GroupId: source, UserId: '123456789012' }],
        }),
        expect.objectContaining({
          FromPort: 22,
          IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'office' }],
          Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        }),
      ]),
    );
  });

  it('takes the flat parameters, and a source group by its name', async () => {
    const groupId = await newGroup();
    await cloud.call('AuthorizeSecurityGroupIngress', {
      GroupName: `group-${count}`,
      IpProtocol: '6',
      FromPort: 80,
      ToPort: 81,
      CidrIp: '192.0.2.0/24',
    });
    await cloud.call('AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      SourceSecurityGroupName: 'default',
    });
    const found = await permissions(groupId);
    expect(found.map((one) => one.IpProtocol).sort()).toEqual(['-1', 'tcp']);
  });

  it('refuses a rule that is there already, twice in a call, or beyond the limit, and adds none of the call', async () => {
    const groupId = await newGroup();
    const authorize = (IpPermissions: object[]) =>
      cloud.call('AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions });
    await authorize([ssh]);
    const web = { ...ssh, FromPort: 80, ToPort: 80 };
    await expect(authorize([web, ssh])).rejects.toMatchObject({
      code: 'InvalidPermission.Duplicate',
      message: 'the specified rule "peer: 0.0.0.0/0, TCP, from port: 22, to port: 22, ALLOW" already exists',
    });
    await expect(authorize([web, web])).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    const many = Array.from({ length: 60 }, (_, index) => ({
      ...ssh,
      FromPort: index + 100,
      ToPort: index + 100,
    }));
    await expect(authorize(many)).rejects.toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' });
    expect(await permissions(groupId)).toHaveLength(1);
  });

  it.each([
    ['a port beyond 65535', { ...ssh, ToPort: 65_536 }, 'InvalidParameterValue'],
    ['a range that ends before it begins', { ...ssh, FromPort: 23 }, 'InvalidParameterValue'],
    [
      'TCP without ports',
      { IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      'InvalidParameterValue',
    ],
    ['an unknown protocol', { ...ssh, IpProtocol: 'sctpx' }, 'InvalidParameterValue'],
    ['a malformed block', { ...ssh, IpRanges: [{ CidrIp: '10.0.0.0/33' }] }, 'InvalidParameterValue'],
    ['no source', { IpProtocol: 'tcp', FromPort: 1, ToPort: 1 }, 'MissingParameter'],
    [
      'a prefix list',
      { ...ssh, PrefixListIds: [{ PrefixListId: 'pl-12345678' }] },
      'InvalidPrefixListID.NotFound',
    ],
    [
      'a group that is not there',
      { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-12345678' }] },
      'InvalidGroup.NotFound',
    ],
  ])('refuses %s', async (_, permission, code) => {
    const GroupId = await newGroup();
    const refused = cloud.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [permission] });
    await expect(refused).rejects.toMatchObject({ code });
  });

  it('revokes by what the rules say or by their ids, all or none', async () => {
    const groupId = await newGroup();
    const web = { ...ssh, FromPort: 80, ToPort: 80 };
    const made = await cloud.call('AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      IpPermissions: [ssh, web],
    });
    const missing = { ...ssh, FromPort: 443, ToPort: 443 };
    const revoke = (input: object) =>
      cloud.call('RevokeSecurityGroupIngress', { GroupId: groupId, ...input });
    await expect(revoke({ IpPermissions: [ssh, missing] })).rejects.toMatchObject({
      code: 'InvalidPermission.NotFound',
    });
    expect(await permissions(groupId)).toHaveLength(2);
    const revoked = await revoke({ IpPermissions: [ssh] });
    expect(revoked.RevokedSecurityGroupRules).toMatchObject([{ FromPort: 22, CidrIpv4: '0.0.0.0/0' }]);
    const webId = made.SecurityGroupRules?.[1]?.SecurityGroupRuleId ?? '';
    await revoke({ SecurityGroupRuleIds: [webId] });
    await expect(revoke({ SecurityGroupRuleIds: [webId] })).rejects.toMatchObject({
      code: 'InvalidSecurityGroupRuleId.NotFound',
    });
    expect(await permissions(groupId)).toEqual([]);
  });

  it('changes rules and their descriptions in place', async () => {
    const groupId = await newGroup();
    const made = await cloud.call('AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      IpPermissions: [ssh, { ...ssh, FromPort: 80, ToPort: 80 }],
    });
    const [first, second] = (made.SecurityGroupRules ?? []).map((rule) => rule.SecurityGroupRuleId ?? '');
    const modify = (SecurityGroupRule: object) =>
      cloud.call('ModifySecurityGroupRules', {
        GroupId: groupId,
        SecurityGroupRules: [{ SecurityGroupRuleId: first, SecurityGroupRule }],
      });
    await modify({ IpProtocol: 'tcp', FromPort: 2222, ToPort: 2222, CidrIpv4: '127.0.0.1/32' });
    await expect(
      modify({ IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIpv4: '0.0.0.0/0' }),
    ).rejects.toMatchObject({ code: 'InvalidPermission.Duplicate' });
    await cloud.call('UpdateSecurityGroupRuleDescriptionsIngress', {
      GroupId: groupId,
      SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: second, Description: 'the web' }],
    });
    const { SecurityGroupRules: rules } = await cloud.call('DescribeSecurityGroupRules', {
      Filters: [{ Name: 'group-id', Values: [groupId] }],
    });
    expect(rules).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ SecurityGroupRuleId: first, FromPort: 2222, CidrIpv4: '127.0.0.1/32' }),
        expect.objectContaining({ SecurityGroupRuleId: second, Description: 'the web' }),
      ]),
    );
  });

  it('sets the ports of running machines before the call answers', async () => {
    const groupId = await newGroup();
    const other = await newGroup();
    const launch = async (SecurityGroupIds: string[]) => {
      const made = await cloud.call('RunInstances', {
        ImageId: cloud.baseImageId,
        InstanceType: 't3.nano',
        MinCount: 1,
        MaxCount: 1,
        SecurityGroupIds,
      });
      const instanceId = made.Instances?.[0]?.InstanceId ?? '';
      await eventually(
        () => cloud.call('DescribeInstances', { InstanceIds: [instanceId] }),
        (shown) => shown.Reservations?.[0]?.Instances?.[0]?.State?.Name === 'running',
      );
      return instanceId;
    };
    const [instanceId, untouched] = [await launch([groupId]), await launch([other])];
    await cloud.call('AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions: [ssh] });
    expect(openPorts.get(instanceId)).toEqual([{ protocol: 'tcp', fromPort: 22, toPort: 22 }]);
    await cloud.call('RevokeSecurityGroupIngress', { GroupId: groupId, IpPermissions: [ssh] });
    expect(openPorts.get(instanceId)).toEqual([]);
    await Promise.all(
      [8080, 8081, 8082].map((port) =>
        cloud.call('AuthorizeSecurityGroupIngress', {
          GroupId: groupId,
          IpPermissions: [{ ...ssh, FromPort: port, ToPort: port }],
        }),
      ),
    );
    expect(openPorts.get(instanceId)?.map((rule) => rule.fromPort)).toEqual([8080, 8081, 8082]);
    expect(openPorts.has(untouched)).toBe(false);

    const remove = () => cloud.call('DeleteSecurityGroup', { GroupId: groupId });
    await expect(remove()).rejects.toMatchObject({ code: 'DependencyViolation' });
    await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
    await eventually(
      () => cloud.call('DescribeInstances', { InstanceIds: [instanceId] }),
      (shown) => shown.Reservations?.[0]?.Instances?.[0]?.State?.Name === 'terminated',
    );
    expect(await remove()).toEqual({ Return: true, GroupId: groupId });
  });

  it('keeps the default group, and one that another group names', async () => {
    const [groupId, user] = [await newGroup(), await newGroup()];
    await cloud.call('AuthorizeSecurityGroupIngress', {
      GroupId: user,
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: groupId }] }],
    });
    const remove = (input: object) => cloud.call('DeleteSecurityGroup', input);
    await expect(remove({ GroupName: 'default' })).rejects.toMatchObject({ code: 'CannotDelete' });
    await expect(remove({ GroupId: groupId })).rejects.toMatchObject({ code: 'DependencyViolation' });
    await remove({ GroupId: user });
    await remove({ GroupId: groupId });
    await expect(remove({ GroupId: groupId })).rejects.toMatchObject({ code: 'InvalidGroup.NotFound' });
  });

  it('finds groups by their rules, names and tags, in pages, and shows no account those of another', async () => {
    const groupId = await newGroup();
    await cloud.call('AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      IpPermissions: [{ ...ssh, FromPort: 7001, ToPort: 7002 }],
    });
    const ids = async (Name: string, value: string) => {
      const shown = await cloud.call('DescribeSecurityGroups', { Filters: [{ Name, Values: [value] }] });
      return shown.SecurityGroups?.map((group) => group.GroupId);
    };
    expect(await ids('ip-permission.from-port', '7001')).toEqual([groupId]);
    expect(await ids('ip-permission.to-port', '7002')).toEqual([groupId]);
    expect(await ids('egress.ip-permission.from-port', '7001')).toEqual([]);
    expect(await ids('group-name', `group-${count}`)).toEqual([groupId]);
    const page = await cloud.call('DescribeSecurityGroups', { MaxResults: 5 });
    expect(page.SecurityGroups).toHaveLength(5);
    const next = await cloud.call('DescribeSecurityGroups', { MaxResults: 5, NextToken: page.NextToken });
    expect(next.SecurityGroups?.[0]?.GroupId).not.toBe(page.SecurityGroups?.[0]?.GroupId);
    const theirs = await cloud.call('DescribeSecurityGroups', {}, { accountId: accountB });
    expect(theirs.SecurityGroups?.map((group) => group.GroupName)).toEqual(['default']);
  });
});
