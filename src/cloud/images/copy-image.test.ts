import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launch } from '../testing/launch.ts';
import { accountB, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { ownSnapshot, register } from '../testing/registered.ts';
import { imageInState } from '../testing/stored.ts';

const b = { accountId: accountB };
const eu = { region: 'eu-west-1' };

let cloud: TestCloud;
let source: string;
beforeEach(async () => {
  cloud = await openTestCloud();
  source = await register(cloud, 'source', {
    Description: 'the source',
    BootMode: 'uefi',
    TagSpecifications: [
      {
        ResourceType: 'image',
        Tags: [
          { Key: 'team', Value: 'ml' },
          { Key: 'ec2:SharedTag/use', Value: 'any' },
        ],
      },
    ],
  });
});
afterEach(() => cloud.close());

type Copy = Parameters<typeof cloud.call<'CopyImage'>>[1];
const copy = async (input: Partial<Copy> = {}, as = {}) =>
  (
    await cloud.call(
      'CopyImage',
      { Name: 'copy', SourceImageId: source, SourceRegion: 'us-east-1', ...input },
      as,
    )
  ).ImageId ?? '';
const image = async (id: string, as = {}) =>
  (await cloud.call('DescribeImages', { ImageIds: [id] }, as)).Images?.[0];
const share = (ImageId: string) =>
  cloud.call('ModifyImageAttribute', { ImageId, LaunchPermission: { Add: [{ UserId: accountB }] } });

describe('CopyImage', () => {
  it('is available at once with snapshots of its own, and stays when its source goes', async () => {
    const id = await copy();
    const made = await image(id);
    expect(made).toMatchObject({
      State: 'available',
      Name: 'copy',
      BootMode: 'uefi',
      SourceImageId: source,
      SourceImageRegion: 'us-east-1',
      Public: false,
      Tags: [],
    });
    const from = (await image(source))?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId;
    const to = made?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
    const { Snapshots } = await cloud.call('DescribeSnapshots', { SnapshotIds: [to] });
    const words = `Copied for DestinationAmi ${id} from SourceAmi ${source} for SourceSnapshot ${from}`;
    expect(Snapshots?.[0]?.Description).toMatch(
      new RegExp(`^${words}\\. Task created on \\d{1,3}(,\\d{3}){4}\\.$`),
    );
    await cloud.call('DeregisterImage', { ImageId: source, DeleteAssociatedSnapshots: true });
    await launch(cloud, { ImageId: id });
  });

  it('goes to the region of the call, where names and snapshots are that region’s', async () => {
    const id = await copy({ Name: 'source', Description: 'over there' }, eu);
    expect(await image(id, eu)).toMatchObject({ Description: 'over there', SourceImageRegion: 'us-east-1' });
    await expect(image(id)).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
    await expect(copy({ Name: 'source' }, eu)).rejects.toMatchObject({
      code: 'InvalidAMIName.Duplicate',
      message: `AMI name source is already in use by AMI ${id}`,
    });
    await cloud.call('DeregisterImage', { ImageId: source, DeleteAssociatedSnapshots: true });
    await imageInState(cloud, id, 'available', eu);
    await launch(cloud, { ImageId: id }, eu);
  });

  it('copies tags only when asked, and of another account’s image only the shared ones', async () => {
    const Tags = [{ Key: 'team', Value: 'web' }];
    const tagged = await copy({
      CopyImageTags: true,
      TagSpecifications: [
        { ResourceType: 'image', Tags },
        { ResourceType: 'snapshot', Tags: [{ Key: 's', Value: '1' }] },
      ],
    });
    expect((await image(tagged))?.Tags).toEqual([{ Key: 'ec2:SharedTag/use', Value: 'any' }, ...Tags]);
    const snapshotId = (await image(tagged))?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
    const { Snapshots } = await cloud.call('DescribeSnapshots', { SnapshotIds: [snapshotId] });
    expect(Snapshots?.[0]?.Tags).toEqual([{ Key: 's', Value: '1' }]);
    await share(source);
    const shared = (await image(source))?.BlockDeviceMappings?.[0]?.Ebs?.SnapshotId ?? '';
    await cloud.call('ModifySnapshotAttribute', {
      SnapshotId: shared,
      CreateVolumePermission: { Add: [{ UserId: accountB }] },
    });
    const foreign = await copy({ CopyImageTags: true }, b);
    expect((await image(foreign, b))?.Tags).toEqual([{ Key: 'ec2:SharedTag/use', Value: 'any' }]);
  });

  it('of a shared image needs its snapshots shared too; of a base image nothing', async () => {
    await expect(copy({}, b)).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
    await share(source);
    await expect(copy({}, b)).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: 'You do not have permission to access the storage of this ami',
    });
    const id = await copy({ SourceImageId: cloud.baseImageId }, b);
    expect(await image(id, b)).toMatchObject({ OwnerId: accountB, Public: false });
  });

  it('with a client token is made once, and refuses the token for another request', async () => {
    const ids = await Promise.all([copy({ ClientToken: 't' }), copy({ ClientToken: 't' })]);
    expect(ids[0]).toBe(ids[1]);
    await expect(copy({ ClientToken: 't', Name: 'another' })).rejects.toMatchObject({
      code: 'IdempotentParameterMismatch',
    });
    const { Images } = await cloud.call('DescribeImages', { Owners: ['self'] });
    expect(Images).toHaveLength(2);
  });

  it('two at once with one name give one image and one error', async () => {
    const results = await Promise.allSettled([copy(), copy()]);
    expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
    const { Snapshots } = await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] });
    expect(Snapshots).toHaveLength(2);
  });

  it('takes an empty text for none, as Packer sends it', async () => {
    expect(await copy({ KmsKeyId: '', Description: '', ClientToken: '' })).toMatch(/^ami-/);
  });

  it('says what is wrong with the request', async () => {
    const refuses = (input: Partial<Copy>, code: string) =>
      expect(copy(input)).rejects.toMatchObject({ code });
    await refuses({ SourceRegion: 'mars-1' }, 'InvalidRegion');
    await refuses({ SourceRegion: 'eu-west-1' }, 'InvalidAMIID.NotFound');
    await refuses({ SourceImageId: 'ami-1' }, 'InvalidAMIID.Malformed');
    await refuses({ Name: 'a:b' }, 'InvalidAMIName.Malformed');
    await refuses({ Encrypted: true }, 'UnsupportedOperation');
    await refuses({ KmsKeyId: 'k' }, 'InvalidParameterDependency');
    await refuses({ DestinationOutpostArn: 'arn:x' }, 'UnsupportedOperation');
    await refuses({ SnapshotCopyCompletionDurationMinutes: 7 }, 'InvalidParameterValue');
    await refuses({ ClientToken: 'x'.repeat(129) }, 'InvalidParameterValue');
    await refuses({ DryRun: true }, 'DryRunOperation');
  });
});

describe('GetImageAncestry', () => {
  const ancestry = async (ImageId: string) =>
    ((await cloud.call('GetImageAncestry', { ImageId })).ImageAncestryEntries ?? []).map((entry) => [
      entry.ImageId,
      entry.SourceImageId,
      entry.ImageOwnerAlias,
    ]);

  it('goes up to the base image, also through images that are gone', async () => {
    const { instanceId } = await launch(cloud);
    const { ImageId: child = '' } = await cloud.call('CreateImage', {
      InstanceId: instanceId,
      Name: 'child',
    });
    const grandchild = await copy({ SourceImageId: child });
    const all = [
      [grandchild, child, undefined],
      [child, cloud.baseImageId, undefined],
      [cloud.baseImageId, undefined, 'amazon'],
    ];
    expect(await ancestry(grandchild)).toEqual(all);
    await cloud.call('DeregisterImage', { ImageId: child });
    expect(await ancestry(grandchild)).toEqual(all);
    await expect(ancestry(child)).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
  });

  it('of a registered image is the image alone', async () => {
    expect(await ancestry(source)).toEqual([[source, undefined, undefined]]);
  });
});

describe('DescribeImageReferences', () => {
  type Input = Partial<Parameters<typeof cloud.call<'DescribeImageReferences'>>[1]>;
  const references = async (input: Input, as = {}) =>
    (
      (await cloud.call('DescribeImageReferences', { ImageIds: [source], ...input }, as)).ImageReferences ??
      []
    ).map((one) => one.Arn);

  it('names the instances that were launched from the image', async () => {
    const { instanceId } = await launch(cloud, { ImageId: source });
    const arn = `arn:aws:ec2:us-east-1:123456789012:instance/${instanceId}`;
    expect(await references({ IncludeAllResourceTypes: true })).toEqual([arn]);
    const instances = (state: string) => ({
      ResourceTypes: [
        {
          ResourceType: 'ec2:Instance' as const,
          ResourceTypeOptions: [{ OptionName: 'state-name' as const, OptionValues: [state] }],
        },
      ],
    });
    expect(await references(instances('running'))).toEqual([arn]);
    expect(await references(instances('stopped'))).toEqual([]);
    expect(await references({ ResourceTypes: [{ ResourceType: 'ec2:LaunchTemplate' }] })).toEqual([]);
    expect(await references({ IncludeAllResourceTypes: true }, b)).toEqual([]);
    await expect(references(instances('asleep'))).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(references({})).rejects.toMatchObject({ code: 'MissingParameter' });
    await expect(references({ ImageIds: [] })).rejects.toMatchObject({ code: 'MissingParameter' });
  });

  it('names the launch templates whose newest versions use it', async () => {
    const { LaunchTemplate } = await cloud.call('CreateLaunchTemplate', {
      LaunchTemplateName: 'web',
      LaunchTemplateData: { ImageId: source },
    });
    const arn = `arn:aws:ec2:us-east-1:123456789012:launch-template/${LaunchTemplate?.LaunchTemplateId}`;
    const depth = (value: string) => ({
      ResourceTypes: [
        {
          ResourceType: 'ec2:LaunchTemplate' as const,
          ResourceTypeOptions: [{ OptionName: 'version-depth' as const, OptionValues: [value] }],
        },
      ],
    });
    expect(await references(depth('1'))).toEqual([arn]);
    await cloud.call('CreateLaunchTemplateVersion', {
      LaunchTemplateName: 'web',
      LaunchTemplateData: { ImageId: cloud.baseImageId },
    });
    expect(await references(depth('1'))).toEqual([]);
    expect(await references(depth('2'))).toEqual([arn]);
    await expect(references(depth('0'))).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('comes in pages', async () => {
    const snapshotId = await ownSnapshot(cloud);
    const other = await register(cloud, 'other', { snapshotId });
    for (let i = 0; i < 3; i++) {
      await launch(cloud, { ImageId: source });
      await launch(cloud, { ImageId: other });
    }
    const asked = { ImageIds: [source, other], IncludeAllResourceTypes: true, MaxResults: 5 };
    const first = await cloud.call('DescribeImageReferences', asked);
    expect(first.ImageReferences).toHaveLength(5);
    const rest = await cloud.call('DescribeImageReferences', { ...asked, NextToken: first.NextToken ?? '' });
    expect(rest.ImageReferences).toHaveLength(1);
    expect(rest.NextToken).toBeUndefined();
  });
});
