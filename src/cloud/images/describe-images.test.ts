import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountB, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { ownSnapshot, register } from '../testing/registered.ts';

const b = { accountId: accountB };
const missing = 'ami-0123456789abcdef0';

let now: number;
let cloud: TestCloud;
beforeEach(async () => {
  now = Date.parse('2026-03-01T00:00:00Z');
  cloud = await openTestCloud({ now: () => new Date(now) });
});
afterEach(() => cloud.close());

type Describe = Parameters<typeof cloud.call<'DescribeImages'>>[1];
const names = async (input: Describe = {}, as = {}) =>
  ((await cloud.call('DescribeImages', input, as)).Images ?? []).map((image) => image.Name).sort();
const filtered = (Name: string, ...Values: string[]) =>
  names({ Owners: ['self'], Filters: [{ Name, Values }] });
const share = (ImageId: string, permission: object, as = {}) =>
  cloud.call('ModifyImageAttribute', { ImageId, LaunchPermission: { Add: [permission] } }, as);

const base = 'ingot-tiny-x86_64-20260101';

describe('DescribeImages', () => {
  it('lists own, public and shared images, and narrows by owner', async () => {
    await register(cloud, 'mine');
    const shared = await register(cloud, 'shared', {}, b);
    await share(shared, { UserId: '123456789012' }, b);
    await share(await register(cloud, 'public', {}, b), { Group: 'all' }, b);
    await register(cloud, 'hidden', {}, b);
    expect(await names()).toEqual([base, 'mine', 'public', 'shared']);
    expect(await names({ Owners: ['self'] })).toEqual(['mine']);
    expect(await names({ Owners: ['amazon'] })).toEqual([base]);
    expect(await names({ Owners: [accountB] })).toEqual(['public', 'shared']);
    expect(await names({ Owners: ['self', 'amazon'] })).toEqual([base, 'mine']);
    expect(await names({ Owners: ['aws-marketplace'] })).toEqual([]);
    expect(await names({}, { region: 'eu-west-1' })).toEqual([base]);
    await expect(names({ Owners: ['nobody'] })).rejects.toMatchObject({
      code: 'InvalidUserID.Malformed',
      message: 'Invalid user id: "nobody"',
    });
  });

  it('narrows by who was given a launch permission', async () => {
    await share(await register(cloud, 'to-b'), { UserId: accountB });
    await share(await register(cloud, 'to-all'), { Group: 'all' });
    await share(await register(cloud, 'to-me', {}, b), { UserId: '123456789012' }, b);
    expect(await names({ ExecutableUsers: ['self'] })).toEqual(['to-me']);
    expect(await names({ ExecutableUsers: [accountB] })).toEqual(['to-b']);
    expect(await names({ ExecutableUsers: ['all'], Owners: ['self'] })).toEqual(['to-all']);
    expect(await names({ ExecutableUsers: ['self', accountB] })).toEqual(['to-b', 'to-me']);
  });

  it('shows what EC2 shows of a base image', async () => {
    const { Images } = await cloud.call('DescribeImages', { ImageIds: [cloud.baseImageId] }, b);
    expect(Images?.[0]).toMatchObject({
      ImageId: cloud.baseImageId,
      ImageLocation: `amazon/${base}`,
      ImageOwnerAlias: 'amazon',
      ImageType: 'machine',
      Hypervisor: 'xen',
      PlatformDetails: 'Linux/UNIX',
      UsageOperation: 'RunInstances',
      SriovNetSupport: 'simple',
      Public: true,
      Tags: expect.arrayContaining([{ Key: 'ingot:alias', Value: 'tiny' }]),
    });
    expect(Images?.[0]).not.toHaveProperty('Platform');
    expect(Images?.[0]).not.toHaveProperty('SourceImageId');
  });

  it('filters by what is shown, with wildcards, alternatives and conditions', async () => {
    const snapshotId = await ownSnapshot(cloud);
    await register(cloud, 'web-1', {
      snapshotId,
      Description: 'the web',
      BootMode: 'uefi',
      EnaSupport: true,
    });
    now += 60_000;
    await register(cloud, 'web-2', { Architecture: 'arm64' });
    await register(cloud, 'db[1]', {
      TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'team', Value: 'ml' }] }],
    });
    expect(await filtered('name', 'web-*')).toEqual(['web-1', 'web-2']);
    expect(await filtered('name', 'web-?', 'db*')).toEqual(['db[1]', 'web-1', 'web-2']);
    expect(await filtered('name', 'db[1]')).toEqual(['db[1]']);
    expect(await filtered('name', 'WEB-1')).toEqual([]);
    expect(await filtered('architecture', 'arm64')).toEqual(['web-2']);
    expect(await filtered('description', '*web')).toEqual(['web-1']);
    expect(await filtered('boot-mode', 'uefi')).toEqual(['web-1']);
    expect(await filtered('ena-support', 'true')).toEqual(['web-1']);
    expect(await filtered('creation-date', '2026-03-01T00:00*')).toEqual(['web-1']);
    expect(await filtered('block-device-mapping.snapshot-id', snapshotId)).toEqual(['web-1']);
    expect(await filtered('block-device-mapping.snapshot-id', `${snapshotId.slice(0, -1)}*`)).toEqual([
      'web-1',
    ]);
    expect(await filtered('block-device-mapping.volume-size', '1')).toHaveLength(3);
    expect(await filtered('block-device-mapping.delete-on-termination', 'false')).toEqual([]);
    expect(await filtered('is-public', 'false')).toHaveLength(3);
    expect(await filtered('is-public', 'true')).toEqual([]);
    expect(await filtered('is-public', 'tru*')).toEqual([]);
    expect(await filtered('tag:team', 'm*')).toEqual(['db[1]']);
    expect(await filtered('tag-key', 'team')).toEqual(['db[1]']);
    expect(await filtered('state', 'available')).toHaveLength(3);
    expect(await filtered('root-device-type', 'instance-store')).toEqual([]);
    expect(await filtered('platform', 'windows')).toEqual([]);
    expect(await names({ Filters: [{ Name: 'owner-alias', Values: ['amazon'] }] })).toEqual([base]);
    expect(
      await names({
        Filters: [
          { Name: 'name', Values: ['web-*'] },
          { Name: 'architecture', Values: ['x86_64'] },
          { Name: 'is-public', Values: ['false'] },
        ],
      }),
    ).toEqual(['web-1']);
    await expect(filtered('colour', 'red')).rejects.toMatchObject({
      code: 'InvalidParameterValue',
      message: "The filter 'colour' is invalid",
    });
  });

  it('hides the tags of other accounts, also from filters', async () => {
    const id = await register(cloud, 'tagged', {
      TagSpecifications: [{ ResourceType: 'image', Tags: [{ Key: 'secret', Value: 'yes' }] }],
    });
    await share(id, { UserId: accountB });
    const { Images } = await cloud.call('DescribeImages', { ImageIds: [id] }, b);
    expect(Images?.[0]?.Tags).toEqual([]);
    expect(await names({ Filters: [{ Name: 'tag:secret', Values: ['yes'] }] }, b)).toEqual([]);
    expect(await names({ Filters: [{ Name: 'tag-key', Values: ['secret'] }] }, b)).toEqual([]);
  });

  it('shows deprecated images to their owner, by id, and to who asks', async () => {
    const id = await register(cloud, 'old');
    await share(id, { Group: 'all' });
    await cloud.call('EnableImageDeprecation', { ImageId: id, DeprecateAt: new Date(now + 60_000) });
    expect(await names({ Owners: ['123456789012'] }, b)).toEqual(['old']);
    now += 60_000;
    expect(await names({ Owners: ['123456789012'] }, b)).toEqual([]);
    expect(await names({ Owners: ['self'] })).toEqual(['old']);
    expect(await names({ ImageIds: [id] }, b)).toEqual(['old']);
    expect(await names({ Owners: ['123456789012'], IncludeDeprecated: true }, b)).toEqual(['old']);
  });

  it('shows disabled images to their owner, and only when asked', async () => {
    const id = await register(cloud, 'off');
    await share(id, { UserId: accountB });
    await cloud.call('DisableImage', { ImageId: id });
    expect(await names({ Owners: ['self'] })).toEqual([]);
    expect(await names({ ImageIds: [id] })).toEqual([]);
    const asked = { Owners: ['self'], IncludeDisabled: true };
    expect((await cloud.call('DescribeImages', asked)).Images).toMatchObject([{ State: 'disabled' }]);
    await expect(names({ ImageIds: [id], IncludeDisabled: true }, b)).rejects.toMatchObject({
      code: 'InvalidAMIID.NotFound',
    });
  });

  it('names every id that is malformed, missing or not to be seen', async () => {
    const hidden = await register(cloud, 'hidden', {}, b);
    await expect(names({ ImageIds: ['ami-1'] })).rejects.toMatchObject({
      code: 'InvalidAMIID.Malformed',
      message: 'Invalid id: "ami-1" (expecting "ami-...")',
    });
    await expect(names({ ImageIds: [missing] })).rejects.toMatchObject({
      code: 'InvalidAMIID.NotFound',
      message: `The image id '[${missing}]' does not exist`,
    });
    await expect(names({ ImageIds: [missing, hidden, cloud.baseImageId] })).rejects.toMatchObject({
      code: 'InvalidAMIID.NotFound',
      message: `The image ids '[${missing}, ${hidden}]' do not exist`,
    });
    await expect(names({ ImageIds: [missing], MaxResults: 5 })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
      message: 'The parameter imageIds cannot be used with the parameter maxResults',
    });
    await expect(names({ MaxResults: 1001 })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(names({ DryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' });
  });
});

describe('among 10,000 images', () => {
  const count = 10_000;
  const idOf = (index: number) => `ami-${index.toString(16).padStart(17, '0')}`;
  beforeEach(() =>
    cloud.cloud.db.write(async (tx) => {
      const row = await tx.selectFrom('images').selectAll().executeTakeFirstOrThrow();
      for (let start = 0; start < count; start += 500) {
        const images = Array.from({ length: 500 }, (_, offset) => ({
          ...row,
          image_id: idOf(start + offset) as never,
          region: 'us-east-1',
          name: `image-${start + offset}`,
          owner_id: ((start + offset) % 2 === 0 ? '123456789012' : accountB) as never,
          is_public: (start + offset) % 4 === 1 ? 1 : 0,
        }));
        await tx.insertInto('images').values(images).execute();
      }
    }),
  );

  async function all(input: Describe, as = {}): Promise<string[]> {
    const ids: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await cloud.call(
        'DescribeImages',
        { ...input, ...(NextToken === undefined ? {} : { NextToken }) },
        as,
      );
      ids.push(...(page.Images ?? []).map((image) => image.ImageId ?? ''));
      expect(page.Images?.length).toBeLessThanOrEqual(input.MaxResults ?? count);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return ids;
  }

  const indices = Array.from({ length: count }, (_, index) => index);
  const ids = (wanted: (index: number) => boolean) => indices.filter(wanted).map(idOf);

  it('pages hold each image once, whatever the filters', async () => {
    expect(await all({ Owners: ['self'], MaxResults: 1000 })).toEqual(ids((index) => index % 2 === 0));
    expect(await all({ Owners: [accountB], MaxResults: 777 })).toEqual(ids((index) => index % 4 === 1));
    const visible = ids((index) => index % 2 === 0 || index % 4 === 1);
    expect((await all({ MaxResults: 1000 })).sort()).toEqual([...visible, cloud.baseImageId].sort());
    const filters = (...Filters: NonNullable<Describe['Filters']>) => ({ Filters, MaxResults: 100 });
    expect(await all(filters({ Name: 'name', Values: ['image-99*'] }))).toEqual(
      ids((index) => (index % 2 === 0 || index % 4 === 1) && String(index).startsWith('99')),
    );
    // A filter that the database does not answer is asked batch by batch.
    expect(
      await all(filters({ Name: 'image-type', Values: ['mach*'] }, { Name: 'owner-id', Values: [accountB] })),
    ).toEqual(ids((index) => index % 4 === 1));
    expect(await all({ Owners: ['self'] })).toHaveLength(count / 2);
  });

  it('a page that was begun goes on where images came and went meanwhile', async () => {
    const first = await cloud.call('DescribeImages', { Owners: ['self'], MaxResults: 1000 });
    await cloud.cloud.db.write((tx) =>
      tx
        .deleteFrom('images')
        .where('image_id', 'in', [idOf(0), idOf(1998), idOf(2000)] as never[])
        .execute(),
    );
    const next = await cloud.call('DescribeImages', {
      Owners: ['self'],
      MaxResults: 1000,
      NextToken: first.NextToken ?? '',
    });
    expect(next.Images?.[0]?.ImageId).toBe(idOf(2002));
    await expect(
      cloud.call('DescribeImages', { Owners: ['amazon'], NextToken: first.NextToken ?? '' }),
    ).rejects.toMatchObject({ code: 'InvalidNextToken' });
  });
});
