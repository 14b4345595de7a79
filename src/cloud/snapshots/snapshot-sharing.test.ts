import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { launch } from '../testing/launch.ts';
import { accountB, eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';
import { snapshotInState } from '../testing/stored.ts';

const b = { accountId: accountB };
const nobody = 'snap-0123456789abcdef0';

let cloud: TestCloud;
let snapshotId: string;
let volumeId: string;
beforeEach(async () => {
  cloud = await openTestCloud();
  volumeId = (await launch(cloud)).rootVolumeId;
  snapshotId = await snapshot('mine');
});
afterEach(() => cloud.close());

async function snapshot(description: string, tags: Record<string, string> = {}): Promise<string> {
  const { SnapshotId = '' } = await cloud.call('CreateSnapshot', {
    VolumeId: volumeId,
    Description: description,
    TagSpecifications: [
      { ResourceType: 'snapshot', Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ],
  });
  return SnapshotId;
}

type Describe = Parameters<typeof cloud.call<'DescribeSnapshots'>>[1];
const list = async (input: Describe, as = {}) =>
  ((await cloud.call('DescribeSnapshots', input, as)).Snapshots ?? []).map((one) => one.SnapshotId);
const filtered = (Name: string, ...Values: string[]) =>
  list({ OwnerIds: ['self'], Filters: [{ Name, Values }] });
const share = (as: object) =>
  cloud.call('ModifySnapshotAttribute', { SnapshotId: snapshotId, CreateVolumePermission: as });

describe('DescribeSnapshots', () => {
  it('lists own, public and shared snapshots, and narrows by owner', async () => {
    const base = await list({ OwnerIds: ['amazon'] });
    expect(base).toHaveLength(1);
    expect((await list({})).sort()).toEqual([snapshotId, ...base].sort());
    expect(await list({ OwnerIds: ['self'] })).toEqual([snapshotId]);
    expect(await list({}, b)).toEqual(base);
    await share({ Add: [{ UserId: accountB }] });
    expect((await list({}, b)).sort()).toEqual([snapshotId, ...base].sort());
    expect(await list({ OwnerIds: ['123456789012'] }, b)).toEqual([snapshotId]);
    await expect(list({ OwnerIds: ['me'] })).rejects.toMatchObject({
      code: 'InvalidUserID.Malformed',
      message: 'Invalid user id: "me"',
    });
  });

  it('says who can restore a snapshot', async () => {
    await share({ Add: [{ UserId: accountB }] });
    expect(await list({ RestorableByUserIds: [accountB] })).toEqual([snapshotId]);
    expect(await list({ RestorableByUserIds: ['self'] }, b)).toEqual([snapshotId]);
    expect(await list({ RestorableByUserIds: ['self'] })).toEqual([snapshotId]);
    expect(await list({ RestorableByUserIds: ['all'] })).toEqual(await list({ OwnerIds: ['amazon'] }));
  });

  it('filters by what is shown and by tags, with wildcards', async () => {
    const tagged = await snapshot('nightly 7', { team: 'ml', env: 'prod' });
    expect(await filtered('description', 'nightly*')).toEqual([tagged]);
    expect(await filtered('tag:team', 'm?')).toEqual([tagged]);
    expect(await filtered('tag-key', 'env')).toEqual([tagged]);
    expect(await filtered('snapshot-id', tagged)).toEqual([tagged]);
    expect((await filtered('volume-id', volumeId)).sort()).toEqual([snapshotId, tagged].sort());
    expect((await filtered('volume-size', '1')).sort()).toEqual([snapshotId, tagged].sort());
    expect((await filtered('status', 'completed')).length).toBe(2);
    expect(await filtered('progress', '99%')).toEqual([]);
    expect(await filtered('encrypted', 'true')).toEqual([]);
    expect(await list({ Filters: [{ Name: 'owner-alias', Values: ['amazon'] }] })).toHaveLength(1);
    await expect(filtered('colour', 'red')).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('hides the tags of other accounts, also from filters', async () => {
    snapshotId = await snapshot('tagged', { secret: 'yes' });
    await share({ Add: [{ UserId: accountB }] });
    const { Snapshots } = await cloud.call('DescribeSnapshots', { SnapshotIds: [snapshotId] }, b);
    expect(Snapshots?.[0]?.Tags).toEqual([]);
    expect(await list({ Filters: [{ Name: 'tag:secret', Values: ['*'] }] }, b)).toEqual([]);
    const bases = await cloud.call('DescribeSnapshots', { OwnerIds: ['amazon'] }, b);
    expect(bases.Snapshots?.[0]).toMatchObject({
      OwnerAlias: 'amazon',
      Tags: expect.arrayContaining([{ Key: 'ingot:alias', Value: 'tiny' }]),
    });
  });

  it('pages, and refuses a page of ids', async () => {
    for (let i = 0; i < 6; i++) await snapshot(`page ${i}`);
    const first = await cloud.call('DescribeSnapshots', { OwnerIds: ['self'], MaxResults: 5 });
    expect(first.Snapshots).toHaveLength(5);
    const rest = await list({ OwnerIds: ['self'], MaxResults: 5, ...only(first.NextToken) });
    expect(rest).toHaveLength(2);
    await expect(list({ SnapshotIds: [snapshotId], MaxResults: 5 })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
  });

  it('names every id that is malformed, missing or not to be seen', async () => {
    await expect(list({ SnapshotIds: ['snap-1'] })).rejects.toMatchObject({
      code: 'InvalidSnapshotID.Malformed',
      message: 'Invalid id: "snap-1" (expecting "snap-...")',
    });
    await expect(list({ SnapshotIds: [nobody] })).rejects.toMatchObject({
      code: 'InvalidSnapshot.NotFound',
      message: `The snapshot '${nobody}' does not exist.`,
    });
    await expect(list({ SnapshotIds: [snapshotId] }, b)).rejects.toMatchObject({
      code: 'InvalidSnapshot.NotFound',
    });
    await expect(list({ SnapshotIds: [snapshotId] }, { region: 'eu-west-1' })).rejects.toMatchObject({
      code: 'InvalidSnapshot.NotFound',
    });
    await expect(list({ DryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' });
  });
});

describe('the attributes of a snapshot', () => {
  const permissions = async () =>
    (
      await cloud.call('DescribeSnapshotAttribute', {
        SnapshotId: snapshotId,
        Attribute: 'createVolumePermission',
      })
    ).CreateVolumePermissions;

  it('share it with accounts and with all, in both forms, and take it back', async () => {
    await share({ Add: [{ UserId: accountB }, { Group: 'all' }] });
    await share({ Add: [{ UserId: accountB }] });
    expect(await permissions()).toEqual([{ Group: 'all' }, { UserId: accountB }]);
    const flat = { SnapshotId: snapshotId, Attribute: 'createVolumePermission' } as const;
    await cloud.call('ModifySnapshotAttribute', { ...flat, OperationType: 'remove', GroupNames: ['all'] });
    expect(await permissions()).toEqual([{ UserId: accountB }]);
    await cloud.call('ModifySnapshotAttribute', { ...flat, OperationType: 'add', UserIds: ['111122223333'] });
    expect(await permissions()).toEqual([{ UserId: '111122223333' }, { UserId: accountB }]);
    await cloud.call('ResetSnapshotAttribute', {
      SnapshotId: snapshotId,
      Attribute: 'createVolumePermission',
    });
    expect(await permissions()).toEqual([]);
    expect(
      await cloud.call('DescribeSnapshotAttribute', { SnapshotId: snapshotId, Attribute: 'productCodes' }),
    ).toEqual({ SnapshotId: snapshotId, ProductCodes: [] });
  });

  it('let the account make a volume of it', async () => {
    const make = () =>
      cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1a', SnapshotId: snapshotId }, b);
    await expect(make()).rejects.toMatchObject({ code: 'InvalidSnapshot.NotFound' });
    await share({ Add: [{ UserId: accountB }] });
    await make();
  });

  it('are the owner’s alone', async () => {
    await share({ Add: [{ UserId: accountB }] });
    const fault = { code: 'AuthFailure', message: `Not authorized for snapshot:${snapshotId}` };
    const attribute = { SnapshotId: snapshotId, Attribute: 'createVolumePermission' } as const;
    await expect(cloud.call('DescribeSnapshotAttribute', attribute, b)).rejects.toMatchObject(fault);
    await expect(cloud.call('ResetSnapshotAttribute', attribute, b)).rejects.toMatchObject(fault);
    await expect(
      cloud.call('ModifySnapshotAttribute', { ...attribute, OperationType: 'add', UserIds: [accountB] }, b),
    ).rejects.toMatchObject(fault);
    await expect(cloud.call('DeleteSnapshot', { SnapshotId: snapshotId }, b)).rejects.toMatchObject(fault);
  });

  it('refuse what names no account, no operation or no attribute', async () => {
    const modify = (input: object) =>
      cloud.call('ModifySnapshotAttribute', { SnapshotId: snapshotId, ...input });
    await expect(share({ Add: [{ UserId: '12' }] })).rejects.toMatchObject({
      code: 'InvalidUserID.Malformed',
    });
    await expect(modify({ UserIds: [accountB] })).rejects.toMatchObject({ code: 'MissingParameter' });
    await expect(modify({})).rejects.toMatchObject({ code: 'InvalidParameterCombination' });
    await expect(modify({ Attribute: 'productCodes' })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
  });
});

describe('CopySnapshot', () => {
  it('makes an independent snapshot in the region of the call', async () => {
    const eu = { region: 'eu-west-1' };
    const copy = await cloud.call(
      'CopySnapshot',
      {
        SourceRegion: 'us-east-1',
        SourceSnapshotId: snapshotId,
        Description: 'over there',
        TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'a', Value: 'b' }] }],
      },
      eu,
    );
    expect(copy.Tags).toEqual([{ Key: 'a', Value: 'b' }]);
    await cloud.call('DeleteSnapshot', { SnapshotId: snapshotId });
    expect(await snapshotInState(cloud, copy.SnapshotId ?? '', 'completed', eu)).toMatchObject({
      VolumeId: 'vol-ffffffff',
      VolumeSize: 1,
      Progress: '100%',
      Description: 'over there',
    });
    await cloud.call('CreateVolume', { AvailabilityZone: 'eu-west-1a', SnapshotId: copy.SnapshotId }, eu);
  });

  it('copies what is shared or public, not what is hidden', async () => {
    const copy = (id: string) =>
      cloud.call('CopySnapshot', { SourceRegion: 'us-east-1', SourceSnapshotId: id }, b);
    const [base = ''] = await list({ OwnerIds: ['amazon'] });
    await copy(base);
    await expect(copy(snapshotId)).rejects.toMatchObject({ code: 'InvalidSnapshot.NotFound' });
    await share({ Add: [{ UserId: accountB }] });
    const { SnapshotId } = await copy(snapshotId);
    expect(await list({ OwnerIds: ['self'] }, b)).toContain(SnapshotId);
  });

  it('refuses regions, encryption and completion times that there are not', async () => {
    const copy = (input: object) =>
      cloud.call('CopySnapshot', { SourceRegion: 'us-east-1', SourceSnapshotId: snapshotId, ...input });
    await expect(copy({ SourceRegion: 'mars-1' })).rejects.toMatchObject({ code: 'InvalidRegion' });
    await expect(copy({ Encrypted: true })).rejects.toMatchObject({ code: 'UnsupportedOperation' });
    await expect(copy({ KmsKeyId: 'k' })).rejects.toMatchObject({
      code: 'InvalidParameterDependency',
      message: 'The parameter KmsKeyId requires the parameter Encrypted to be set.',
    });
    await expect(copy({ CompletionDurationMinutes: 20 })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(copy({ DryRun: true })).rejects.toMatchObject({ code: 'DryRunOperation' });
  });
});

describe('DeleteSnapshot', () => {
  it('removes it for good, and its layer once nothing stands on it', async () => {
    const row = await cloud.cloud.db.read
      .selectFrom('snapshots')
      .select('layer_id')
      .where('snapshot_id', '=', snapshotId as never)
      .executeTakeFirstOrThrow();
    const { Reservations } = await cloud.call('DescribeInstances', {});
    await cloud.call('TerminateInstances', {
      InstanceIds: [Reservations?.[0]?.Instances?.[0]?.InstanceId ?? ''],
    });
    await cloud.call('DeleteSnapshot', { SnapshotId: snapshotId });
    await expect(list({ SnapshotIds: [snapshotId] })).rejects.toMatchObject({
      code: 'InvalidSnapshot.NotFound',
    });
    await expect(cloud.call('DeleteSnapshot', { SnapshotId: snapshotId })).rejects.toMatchObject({
      code: 'InvalidSnapshot.NotFound',
    });
    await eventually(
      () => cloud.node.listLayers(),
      (layers) => !layers.some((layer) => layer.layerId === row.layer_id),
    );
  });

  it('is refused while an image uses the snapshot', async () => {
    const { ImageId } = await cloud.call('RegisterImage', {
      Name: 'uses-it',
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { SnapshotId: snapshotId } }],
    });
    await expect(cloud.call('DeleteSnapshot', { SnapshotId: snapshotId })).rejects.toMatchObject({
      code: 'InvalidSnapshot.InUse',
      message: `The snapshot ${snapshotId} is currently in use by ${ImageId}`,
    });
    await cloud.call('DeregisterImage', { ImageId: ImageId ?? '' });
    await cloud.call('DeleteSnapshot', { SnapshotId: snapshotId });
  });
});

function only(NextToken: string | undefined) {
  expect(NextToken).toBeTypeOf('string');
  return NextToken === undefined ? {} : { NextToken };
}
