import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountB, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openTestCloud();
});
afterAll(() => cloud.close());

async function launch(input: object = {}) {
  const made = await cloud.call('RunInstances', {
    ImageId: cloud.baseImageId,
    InstanceType: 't3.nano',
    MinCount: 1,
    MaxCount: 1,
    ...input,
  });
  return made.Instances?.[0];
}

describe('the default VPC', () => {
  it('is made when it is first looked at, once, for each account and region', async () => {
    const calls = ['us-east-1', 'eu-west-1'].flatMap((region) =>
      [undefined, undefined, accountB].map((accountId) =>
        cloud.call('DescribeVpcs', {}, { region, ...(accountId === undefined ? {} : { accountId }) }),
      ),
    );
    const ids = (await Promise.all(calls)).map(({ Vpcs: vpcs }) => {
      expect(vpcs).toHaveLength(1);
      expect(vpcs?.[0]).toMatchObject({ IsDefault: true, State: 'available', CidrBlock: '172.31.0.0/16' });
      return vpcs?.[0]?.VpcId;
    });
    expect(new Set(ids).size).toBe(4);
    expect(ids[0]).toBe(ids[1]);
  });

  it.each(['isDefault', 'is-default'])('is found by %s', async (name) => {
    const found = (value: string) =>
      cloud.call('DescribeVpcs', { Filters: [{ Name: name, Values: [value] }] });
    expect((await found('true')).Vpcs).toHaveLength(1);
    expect((await found('false')).Vpcs).toEqual([]);
  });

  it('has one subnet a zone, whose free addresses count down', async () => {
    const { Subnets: subnets } = await cloud.call('DescribeSubnets', {
      Filters: [{ Name: 'default-for-az', Values: ['true'] }],
    });
    const zones = subnets?.map((subnet) => [subnet.AvailabilityZone, subnet.CidrBlock]).sort();
    expect(zones).toEqual([
      ['us-east-1a', '172.31.0.0/20'],
      ['us-east-1b', '172.31.16.0/20'],
    ]);
    expect(subnets?.map((subnet) => subnet.AvailableIpAddressCount)).toEqual([4091, 4091]);
    const zone = 'us-east-1b';
    const instance = await launch({ Placement: { AvailabilityZone: zone } });
    expect(instance?.Placement?.AvailabilityZone).toBe(zone);
    const after = await cloud.call('DescribeSubnets', {
      Filters: [{ Name: 'availability-zone', Values: [zone] }],
    });
    expect(after.Subnets?.[0]).toMatchObject({
      SubnetId: instance?.SubnetId,
      AvailableIpAddressCount: 4090,
      AvailabilityZoneId: 'use1-az2',
    });
  });

  it('has the table, gateway, ACL, DHCP options and attributes that tools look for', async () => {
    const { Vpcs: [vpc] = [] } = await cloud.call('DescribeVpcs', {});
    const ofVpc = { Filters: [{ Name: 'vpc-id', Values: [vpc?.VpcId ?? ''] }] };
    const { RouteTables: tables } = await cloud.call('DescribeRouteTables', {
      Filters: [...ofVpc.Filters, { Name: 'association.main', Values: ['true'] }],
    });
    const { InternetGateways: gateways } = await cloud.call('DescribeInternetGateways', {
      Filters: [{ Name: 'attachment.vpc-id', Values: [vpc?.VpcId ?? ''] }],
    });
    expect(tables?.[0]?.Routes?.map((route) => route.GatewayId)).toEqual([
      'local',
      gateways?.[0]?.InternetGatewayId,
    ]);
    const { NetworkAcls: acls } = await cloud.call('DescribeNetworkAcls', ofVpc);
    expect(acls?.[0]?.Associations).toHaveLength(2);
    const options = await cloud.call('DescribeDhcpOptions', { DhcpOptionsIds: [vpc?.DhcpOptionsId ?? ''] });
    expect(options.DhcpOptions).toHaveLength(1);
    const attribute = await cloud.call('DescribeVpcAttribute', {
      VpcId: vpc?.VpcId,
      Attribute: 'enableDnsHostnames',
    });
    expect(attribute.EnableDnsHostnames).toEqual({ Value: true });
    expect((await cloud.call('DescribeAddresses', {})).Addresses).toEqual([]);
  });

  it('names what is missing in EC2’s words', async () => {
    const id = '0123456789abcdef0';
    await expect(cloud.call('DescribeVpcs', { VpcIds: [`vpc-${id}`] })).rejects.toMatchObject({
      code: 'InvalidVpcID.NotFound',
    });
    await expect(cloud.call('DescribeSubnets', { SubnetIds: [`subnet-${id}`] })).rejects.toMatchObject({
      code: 'InvalidSubnetID.NotFound',
    });
    await expect(cloud.call('DescribeVpcs', { VpcIds: ['nonsense'] })).rejects.toMatchObject({
      code: 'InvalidVpcID.Malformed',
    });
    await expect(cloud.call('DescribeVpcs', { DryRun: true })).rejects.toMatchObject({
      code: 'DryRunOperation',
    });
    await expect(cloud.call('DescribeAddresses', { PublicIps: ['192.0.2.1'] })).rejects.toMatchObject({
      code: 'InvalidAddress.NotFound',
    });
  });
});

describe('the network of a launch', () => {
  it('gives each instance one interface, found by instance, subnet and address', async () => {
    const instance = await launch();
    const { NetworkInterfaces: faces } = await cloud.call('DescribeNetworkInterfaces', {
      Filters: [{ Name: 'attachment.instance-id', Values: [instance?.InstanceId ?? ''] }],
    });
    expect(faces).toMatchObject([
      {
        NetworkInterfaceId: instance?.NetworkInterfaces?.[0]?.NetworkInterfaceId,
        PrivateIpAddress: instance?.PrivateIpAddress,
        Status: 'in-use',
        Attachment: { InstanceId: instance?.InstanceId, DeviceIndex: 0 },
      },
    ]);
    const byId = await cloud.call('DescribeNetworkInterfaces', {
      NetworkInterfaceIds: [faces?.[0]?.NetworkInterfaceId ?? ''],
    });
    expect(byId.NetworkInterfaces).toHaveLength(1);
    await expect(
      cloud.call('DescribeNetworkInterfaces', { NetworkInterfaceIds: ['eni-0123456789abcdef0'] }),
    ).rejects.toMatchObject({ code: 'InvalidNetworkInterfaceID.NotFound' });
  });

  it('takes an empty text for none, as Packer sends it', async () => {
    const instance = await launch({
      SubnetId: '',
      PrivateIpAddress: '',
      Placement: { AvailabilityZone: '' },
    });
    expect(instance?.SubnetId).toMatch(/^subnet-/);
    const group = { GroupName: 'packer', Description: 'temporary', VpcId: '' };
    expect((await cloud.call('CreateSecurityGroup', group)).GroupId).toMatch(/^sg-/);
  });

  it('takes a certain private address for one instance, and refuses it for several or when it is taken', async () => {
    const address = '172.31.5.20';
    const instance = await launch({ PrivateIpAddress: address });
    expect(instance?.PrivateIpAddress).toBe(address);
    await expect(launch({ PrivateIpAddress: address })).rejects.toMatchObject({
      code: 'InvalidIPAddress.InUse',
    });
    await expect(launch({ PrivateIpAddress: '172.31.5.21', MaxCount: 2 })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
    await expect(launch({ PrivateIpAddress: '10.0.0.1' })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
  });

  it.each([
    [
      'an interface that exists',
      { NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: 'eni-1' }] },
      'UnsupportedOperation',
    ],
    [
      'two interfaces',
      { NetworkInterfaces: [{ DeviceIndex: 0 }, { DeviceIndex: 1 }] },
      'UnsupportedOperation',
    ],
    [
      'groups beside an interface',
      { NetworkInterfaces: [{ DeviceIndex: 0 }], SecurityGroups: ['default'] },
      'InvalidParameterCombination',
    ],
    ['a zone that is not there', { Placement: { AvailabilityZone: 'us-east-1z' } }, 'InvalidParameterValue'],
    ['a subnet that is not there', { SubnetId: 'subnet-0123456789abcdef0' }, 'InvalidSubnetID.NotFound'],
    ['a group that is not there', { SecurityGroupIds: ['sg-0123456789abcdef0'] }, 'InvalidGroup.NotFound'],
    ['a malformed group id', { SecurityGroupIds: ['default'] }, 'InvalidGroupId.Malformed'],
  ])('refuses %s', async (_, input, code) => {
    await expect(launch(input)).rejects.toMatchObject({ code });
  });
});
