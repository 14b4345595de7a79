import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launch } from '../testing/launch.ts';
import { accountB, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { register } from '../testing/registered.ts';

const b = { accountId: accountB };
const minute = 60_000;

let now: number;
let cloud: TestCloud;
let id: string;
beforeEach(async () => {
  now = Date.parse('2026-03-01T00:00:00Z');
  cloud = await openTestCloud({ now: () => new Date(now) });
  id = await register(cloud, 'mine');
});
afterEach(() => cloud.close());

type Modify = Parameters<typeof cloud.call<'ModifyImageAttribute'>>[1];
type Attribute = Parameters<typeof cloud.call<'DescribeImageAttribute'>>[1]['Attribute'];
const modify = (input: Partial<Modify>, as = {}) =>
  cloud.call('ModifyImageAttribute', { ImageId: id, ...input }, as);
const attribute = (Attribute: Attribute, as = {}) =>
  cloud.call('DescribeImageAttribute', { ImageId: id, Attribute }, as);
const permissions = async () => (await attribute('launchPermission')).LaunchPermissions;
const image = async () => (await cloud.call('DescribeImages', { ImageIds: [id] })).Images?.[0];

describe('launch permissions', () => {
  it('let other accounts see and launch the image, and end with it', async () => {
    const seen = () => cloud.call('DescribeImages', { ImageIds: [id] }, b);
    await expect(seen()).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
    await expect(launch(cloud, { ImageId: id }, b)).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
    await modify({ LaunchPermission: { Add: [{ UserId: accountB }] } });
    await seen();
    await launch(cloud, { ImageId: id }, b);
    await modify({ LaunchPermission: { Remove: [{ UserId: accountB }], Add: [{ UserId: '111122223333' }] } });
    expect(await permissions()).toEqual([{ UserId: '111122223333' }]);
    await expect(seen()).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
  });

  it('come in EC2’s flat form too, and in Packer’s mixture of both', async () => {
    const flat = { Attribute: 'launchPermission' } as const;
    await modify({ ...flat, OperationType: 'add', UserIds: [accountB], UserGroups: ['all'] });
    expect(await permissions()).toEqual([{ Group: 'all' }, { UserId: accountB }]);
    expect(await image()).toMatchObject({ Public: true });
    await modify({ ...flat, OperationType: 'remove', UserGroups: ['all'] });
    await modify({ UserIds: ['111122223333'], LaunchPermission: { Add: [{ UserId: '111122223333' }] } });
    expect(await permissions()).toEqual([{ UserId: '111122223333' }, { UserId: accountB }]);
    await cloud.call('ResetImageAttribute', { ImageId: id, Attribute: 'launchPermission' });
    expect(await permissions()).toEqual([]);
  });

  it('refuse what names no account', async () => {
    await expect(modify({ LaunchPermission: { Add: [{ UserId: 'bob' }] } })).rejects.toMatchObject({
      code: 'InvalidAMIAttributeItemValue',
      message: 'Invalid attribute item value "bob" for userId item type.',
    });
    await expect(
      modify({ LaunchPermission: { Add: [{ Group: 'everyone' as 'all' }] } }),
    ).rejects.toMatchObject({ code: 'InvalidAMIAttributeItemValue' });
    await expect(modify({ LaunchPermission: { Add: [{ OrganizationArn: 'arn:x' }] } })).rejects.toMatchObject(
      { code: 'UnsupportedOperation' },
    );
    await expect(modify({ UserIds: [accountB] })).rejects.toMatchObject({ code: 'MissingParameter' });
    expect(await permissions()).toEqual([]);
  });

  it('make nothing public while that is blocked, and leave what is public so', async () => {
    const other = await register(cloud, 'other');
    await modify({ ImageId: other, LaunchPermission: { Add: [{ Group: 'all' }] } });
    const state = async () => await cloud.call('GetImageBlockPublicAccessState', {});
    expect(await state()).toEqual({ ImageBlockPublicAccessState: 'unblocked', ManagedBy: 'account' });
    expect(
      await cloud.call('EnableImageBlockPublicAccess', { ImageBlockPublicAccessState: 'block-new-sharing' }),
    ).toEqual({ ImageBlockPublicAccessState: 'block-new-sharing' });
    expect(await state()).toMatchObject({ ImageBlockPublicAccessState: 'block-new-sharing' });
    await expect(modify({ LaunchPermission: { Add: [{ Group: 'all' }] } })).rejects.toMatchObject({
      code: 'OperationNotPermitted',
      message: expect.stringMatching(
        /^You can't publicly share this image because block public access for AMIs is enabled/,
      ),
    });
    await modify({ LaunchPermission: { Add: [{ UserId: accountB }] } });
    await cloud.call('DescribeImages', { ImageIds: [other] }, b);
    expect(await cloud.call('GetImageBlockPublicAccessState', {}, b)).toMatchObject({
      ImageBlockPublicAccessState: 'unblocked',
    });
    expect(await cloud.call('DisableImageBlockPublicAccess', {})).toEqual({
      ImageBlockPublicAccessState: 'unblocked',
    });
    await modify({ LaunchPermission: { Add: [{ Group: 'all' }] } });
  });

  it('are the owner’s alone to see and change', async () => {
    await modify({ LaunchPermission: { Add: [{ UserId: accountB }] } });
    const fault = { code: 'AuthFailure', message: `Not authorized for image:${id}` };
    await expect(attribute('launchPermission', b)).rejects.toMatchObject(fault);
    await expect(modify({ Description: { Value: 'x' } }, b)).rejects.toMatchObject(fault);
    await expect(
      cloud.call('ResetImageAttribute', { ImageId: id, Attribute: 'launchPermission' }, b),
    ).rejects.toMatchObject(fault);
    await expect(cloud.call('DisableImage', { ImageId: id }, b)).rejects.toMatchObject(fault);
  });
});

describe('the other attributes', () => {
  it('description changes in both forms, and can be emptied', async () => {
    await modify({ Description: { Value: 'new' } });
    expect(await attribute('description')).toEqual({ ImageId: id, Description: { Value: 'new' } });
    await modify({ Attribute: 'description', Value: 'newer' });
    expect(await image()).toMatchObject({ Description: 'newer' });
    await modify({ Description: { Value: '' } });
    expect(await attribute('description')).toEqual({ ImageId: id, Description: {} });
  });

  it('imdsSupport can be set and not taken back', async () => {
    expect(await attribute('imdsSupport')).toEqual({ ImageId: id, ImdsSupport: {} });
    await modify({ ImdsSupport: { Value: 'v2.0' } });
    expect(await attribute('imdsSupport')).toEqual({ ImageId: id, ImdsSupport: { Value: 'v2.0' } });
    await expect(modify({ ImdsSupport: { Value: 'optional' } })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
  });

  it('one a call, and at least one', async () => {
    await expect(
      modify({ Description: { Value: 'x' }, LaunchPermission: { Add: [{ UserId: accountB }] } }),
    ).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
      message: 'Fields for multiple attribute types specified: description, launchPermission',
    });
    await expect(modify({})).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
      message: 'No attributes specified.',
    });
    await expect(modify({ Attribute: 'kernel', Value: 'x' })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(modify({ Description: { Value: 'x' }, DryRun: true })).rejects.toMatchObject({
      code: 'DryRunOperation',
    });
  });

  it('say what EC2 says, and keep the block device mapping to DescribeImages', async () => {
    expect(await attribute('sriovNetSupport')).toEqual({ ImageId: id, SriovNetSupport: { Value: 'simple' } });
    expect(await attribute('productCodes')).toEqual({ ImageId: id, ProductCodes: [] });
    expect(await attribute('kernel')).toEqual({ ImageId: id, KernelId: {} });
    expect(await attribute('deregistrationProtection')).toEqual({
      ImageId: id,
      DeregistrationProtection: { Value: 'disabled' },
    });
    expect(await attribute('lastLaunchedTime')).toEqual({ ImageId: id, LastLaunchedTime: {} });
    await launch(cloud, { ImageId: id });
    expect(await attribute('lastLaunchedTime')).toEqual({
      ImageId: id,
      LastLaunchedTime: { Value: '2026-03-01T00:00:00.000Z' },
    });
    await expect(attribute('blockDeviceMapping')).rejects.toMatchObject({
      code: 'AuthFailure',
      message: 'Unauthorized attempt to access restricted resource',
    });
    await expect(attribute('colour' as Attribute)).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

describe('deprecation', () => {
  const deprecate = (DeprecateAt: Date) => cloud.call('EnableImageDeprecation', { ImageId: id, DeprecateAt });
  const years = (count: number) => new Date(Date.UTC(2026 + count, 2, 1));

  it('is rounded to the minute, and can be taken back', async () => {
    expect(await deprecate(new Date(now + 90 * minute + 30_000))).toEqual({ Return: true });
    expect((await image())?.DeprecationTime).toBe('2026-03-01T01:31:00.000Z');
    expect(await cloud.call('DisableImageDeprecation', { ImageId: id })).toEqual({ Return: true });
    expect(await image()).not.toHaveProperty('DeprecationTime');
  });

  it('is neither past nor more than 10 years ahead', async () => {
    await deprecate(years(10));
    await expect(deprecate(new Date(years(10).getTime() + minute))).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(deprecate(new Date(now - 2 * minute))).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
  });

  it('of an image that is not there says so in words of its own', async () => {
    const ImageId = 'ami-0123456789abcdef0';
    await expect(
      cloud.call('EnableImageDeprecation', { ImageId, DeprecateAt: years(1) }),
    ).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound', message: `Invalid ImageId: ${ImageId}` });
  });

  it('of a public image is two years after its creation at the latest, and that by itself', async () => {
    await deprecate(years(5));
    await modify({ LaunchPermission: { Add: [{ Group: 'all' }] } });
    expect((await image())?.DeprecationTime).toBe(years(2).toISOString());
    await deprecate(years(1));
    await expect(deprecate(years(3))).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

describe('a disabled image', () => {
  it('launches nothing, is shared with nobody, and is not shared again when enabled', async () => {
    await modify({ LaunchPermission: { Add: [{ UserId: accountB }, { Group: 'all' }] } });
    expect(await cloud.call('DisableImage', { ImageId: id })).toEqual({ Return: true });
    expect(await cloud.call('DisableImage', { ImageId: id })).toEqual({ Return: true });
    await expect(launch(cloud, { ImageId: id })).rejects.toMatchObject({ code: 'InvalidAMIID.Unavailable' });
    await expect(modify({ LaunchPermission: { Add: [{ UserId: accountB }] } })).rejects.toMatchObject({
      code: 'OperationNotPermitted',
    });
    await expect(
      cloud.call('CopyImage', { Name: 'copy', SourceImageId: id, SourceRegion: 'us-east-1' }),
    ).rejects.toMatchObject({ code: 'IncorrectState' });
    expect(await cloud.call('EnableImage', { ImageId: id })).toEqual({ Return: true });
    expect(await permissions()).toEqual([]);
    await launch(cloud, { ImageId: id });
  });
});
