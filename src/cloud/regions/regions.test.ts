import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await openTestCloud();
});
afterAll(() => cloud.close());

describe('regions and zones', () => {
  it('shows the configured regions, by name and filter', async () => {
    const names = async (input: object) =>
      (await cloud.call('DescribeRegions', input)).Regions?.map((region) => region.RegionName);
    expect(await names({})).toEqual(['us-east-1', 'eu-west-1']);
    expect(await names({ RegionNames: ['eu-west-1'] })).toEqual(['eu-west-1']);
    expect(await names({ Filters: [{ Name: 'region-name', Values: ['us-*'] }] })).toEqual(['us-east-1']);
    await expect(names({ RegionNames: ['mars-1'] })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
      message: "Invalid region 'mars-1'",
    });
  });

  it('shows the zones of the caller’s region with their ids', async () => {
    const { AvailabilityZones: zones } = await cloud.call(
      'DescribeAvailabilityZones',
      {},
      { region: 'eu-west-1' },
    );
    expect(zones?.map((zone) => [zone.ZoneName, zone.ZoneId, zone.State])).toEqual([
      ['eu-west-1a', 'euw1-az1', 'available'],
      ['eu-west-1b', 'euw1-az2', 'available'],
    ]);
    const one = await cloud.call('DescribeAvailabilityZones', { ZoneNames: ['us-east-1b'] });
    expect(one.AvailabilityZones?.map((zone) => zone.ZoneId)).toEqual(['use1-az2']);
    await expect(
      cloud.call('DescribeAvailabilityZones', { ZoneNames: ['eu-west-1a'] }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('answers what tools ask of an account', async () => {
    const { AccountAttributes: attributes } = await cloud.call('DescribeAccountAttributes', {});
    const values = Object.fromEntries(
      (attributes ?? []).map((one) => [one.AttributeName, one.AttributeValues?.[0]?.AttributeValue]),
    );
    const { Vpcs: vpcs } = await cloud.call('DescribeVpcs', {});
    expect(values).toMatchObject({ 'supported-platforms': 'VPC', 'default-vpc': vpcs?.[0]?.VpcId });
    const some = await cloud.call('DescribeAccountAttributes', { AttributeNames: ['supported-platforms'] });
    expect(some.AccountAttributes).toHaveLength(1);
    expect((await cloud.call('GetEbsEncryptionByDefault', {})).EbsEncryptionByDefault).toBe(false);
    expect((await cloud.call('GetSerialConsoleAccessStatus', {})).SerialConsoleAccessEnabled).toBe(false);
  });
});
