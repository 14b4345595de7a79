import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NodeError } from '../../node/contract.ts';
import { type FlakyNode, flakyNode } from '../testing/flaky-node.ts';
import { inState, launch } from '../testing/launch.ts';
import { accountB, eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let node: FlakyNode;
let cloud: TestCloud;
beforeEach(async () => {
  node = flakyNode();
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

type Create = Parameters<typeof cloud.call<'CreateImage'>>[1];
const create = async (input: Create) => (await cloud.call('CreateImage', input)).ImageId ?? '';
const image = async (id: string) => (await cloud.call('DescribeImages', { ImageIds: [id] })).Images?.[0];
const available = (id: string) =>
  eventually(
    () => image(id),
    (shown) => shown?.State === 'available',
  );
const own = async () => (await cloud.call('DescribeImages', { Owners: ['self'] })).Images ?? [];
const ownSnapshots = async () =>
  (await cloud.call('DescribeSnapshots', { OwnerIds: ['self'] })).Snapshots ?? [];
const tag = (
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
  key: string,
) => tags?.find((one) => one.Key === key)?.Value;
const silent = { UserData: Buffer.from('ingot-simulate: agent=silent').toString('base64') };

describe('CreateImage', () => {
  it('of a running machine whose agent answers is available with the answer', async () => {
    const { instanceId, rootVolumeId } = await launch(cloud);
    const id = await create({
      InstanceId: instanceId,
      Name: 'web (v1.2)',
      Description: 'the web server',
      TagSpecifications: [
        { ResourceType: 'image', Tags: [{ Key: 'team', Value: 'ml' }] },
        { ResourceType: 'snapshot', Tags: [{ Key: 'of', Value: 'web' }] },
      ],
    });
    const [snapshot] = await ownSnapshots();
    expect(await image(id)).toMatchObject({
      State: 'available',
      Name: 'web (v1.2)',
      Description: 'the web server',
      OwnerId: '123456789012',
      ImageLocation: '123456789012/web (v1.2)',
      Public: false,
      Architecture: 'x86_64',
      VirtualizationType: 'hvm',
      RootDeviceType: 'ebs',
      RootDeviceName: '/dev/sda1',
      SourceInstanceId: instanceId,
      SourceImageId: cloud.baseImageId,
      SourceImageRegion: 'us-east-1',
      BlockDeviceMappings: [
        {
          DeviceName: '/dev/sda1',
          Ebs: { SnapshotId: snapshot?.SnapshotId, VolumeSize: 1, Encrypted: false },
        },
      ],
    });
    const { Tags, CreationDate } = (await image(id)) ?? {};
    expect(CreationDate).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(tag(Tags, 'team')).toBe('ml');
    expect(tag(Tags, 'ingot:consistency')).toBe('filesystem');
    expect(snapshot).toMatchObject({
      VolumeId: rootVolumeId,
      State: 'completed',
      Description: `Created by CreateImage(${instanceId}) for ${id}`,
      Tags: [{ Key: 'of', Value: 'web' }],
    });
  });

  it('says how consistent it is: crash, rebooted or stopped', async () => {
    const { instanceId } = await launch(cloud, silent);
    const crash = await create({ InstanceId: instanceId, Name: 'crash', NoReboot: true });
    expect(tag((await image(crash))?.Tags, 'ingot:consistency')).toBe('crash');
    const reboot = await create({ InstanceId: instanceId, Name: 'reboot' });
    expect(tag((await available(reboot))?.Tags, 'ingot:consistency')).toBe('rebooted');
    await eventually(
      () => node.machine({ instanceId: instanceId as never }),
      (machine) => machine.state === 'running',
    );
    await cloud.call('StopInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'stopped');
    const stopped = await create({ InstanceId: instanceId, Name: 'stopped' });
    expect(tag((await image(stopped))?.Tags, 'ingot:consistency')).toBe('stopped');
  });

  it('captures all volumes, drops and adds devices, and changes only DeleteOnTermination', async () => {
    const { instanceId } = await launch(cloud, {
      BlockDeviceMappings: [
        { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 2 } },
        { DeviceName: '/dev/sdg', Ebs: { VolumeSize: 3 } },
      ],
    });
    const id = await create({
      InstanceId: instanceId,
      Name: 'devices',
      BlockDeviceMappings: [
        { DeviceName: '/dev/sdf', Ebs: { DeleteOnTermination: false } },
        { DeviceName: '/dev/sdg', NoDevice: '' },
        { DeviceName: '/dev/sdh', Ebs: { VolumeSize: 4 } },
        { DeviceName: '/dev/sdb', VirtualName: 'ephemeral0' },
      ],
    });
    const mappings = (await image(id))?.BlockDeviceMappings ?? [];
    expect(mappings.map((mapping) => mapping.DeviceName)).toEqual([
      '/dev/sda1',
      '/dev/sdf',
      '/dev/sdh',
      '/dev/sdb',
    ]);
    expect(mappings[1]?.Ebs).toMatchObject({ DeleteOnTermination: false, VolumeSize: 2 });
    expect(mappings[2]?.Ebs).toMatchObject({ DeleteOnTermination: true, VolumeSize: 4 });
    expect(mappings[3]).toMatchObject({ VirtualName: 'ephemeral0' });
    expect(await ownSnapshots()).toHaveLength(2);
    expect(node.count('snapshotVolumes')).toBe(1);
    await expect(
      create({
        InstanceId: instanceId,
        Name: 'bigger',
        BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 20 } }],
      }),
    ).rejects.toMatchObject({ code: 'InvalidBlockDeviceMapping' });
  });

  it('adds a device only of a snapshot that the caller owns, with its size', async () => {
    const { instanceId, rootVolumeId } = await launch(cloud);
    const { SnapshotId = '' } = await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
    const withDevice = (Name: string, snapshotId: string) =>
      create({
        InstanceId: instanceId,
        Name,
        BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { SnapshotId: snapshotId } }],
      });
    const id = await withDevice('added', SnapshotId);
    expect((await image(id))?.BlockDeviceMappings?.[1]?.Ebs).toMatchObject({ SnapshotId, VolumeSize: 1 });
    await expect(cloud.call('DeleteSnapshot', { SnapshotId })).rejects.toMatchObject({
      code: 'InvalidSnapshot.InUse',
    });
    await expect(withDevice('none', 'snap-0123456789abcdef0')).rejects.toMatchObject({
      code: 'InvalidSnapshot.NotFound',
    });
    const bases = await cloud.call('DescribeSnapshots', { OwnerIds: ['amazon'] });
    await expect(withDevice('base', bases.Snapshots?.[0]?.SnapshotId ?? '')).rejects.toMatchObject({
      code: 'AuthFailure',
    });
  });

  it('keeps names unique: two calls with one name give one image and one clear error', async () => {
    const first = await launch(cloud);
    const second = await launch(cloud);
    const results = await Promise.allSettled([
      create({ InstanceId: first.instanceId, Name: 'twice' }),
      create({ InstanceId: second.instanceId, Name: 'twice' }),
      create({ InstanceId: first.instanceId, Name: 'twice' }),
    ]);
    const [made] = await own();
    expect(await own()).toHaveLength(1);
    const failures = results.filter((result) => result.status === 'rejected').map((result) => result.reason);
    expect(failures).toHaveLength(2);
    for (const failure of failures) {
      expect(failure).toMatchObject({
        code: 'InvalidAMIName.Duplicate',
        message: `AMI name twice is already in use by AMI ${made?.ImageId}`,
      });
    }
    expect(await ownSnapshots()).toHaveLength(1);
    const elsewhere = await launch(cloud, {}, { accountId: accountB });
    await cloud.call(
      'CreateImage',
      { InstanceId: elsewhere.instanceId, Name: 'twice' },
      { accountId: accountB },
    );
  });

  it('takes several images of one instance, one after the other', async () => {
    const { instanceId } = await launch(cloud);
    const ids = await Promise.all(
      ['one', 'two', 'three'].map((suffix) => create({ InstanceId: instanceId, Name: `img-${suffix}` })),
    );
    expect((await own()).map((shown) => shown.ImageId).sort()).toEqual(ids.sort());
  });

  it('says what is wrong with the request', async () => {
    const { instanceId } = await launch(cloud);
    const refuses = (input: Partial<Create>, fault: object) =>
      expect(create({ InstanceId: instanceId, Name: 'good', ...input })).rejects.toMatchObject(fault);
    await refuses({ Name: 'ab' }, { code: 'InvalidAMIName.Malformed' });
    await refuses({ Name: 'a:b:c' }, { code: 'InvalidAMIName.Malformed' });
    await refuses({ Name: 'x'.repeat(129) }, { code: 'InvalidAMIName.Malformed' });
    await refuses({ Name: undefined as never }, { code: 'MissingParameter' });
    await refuses({ Description: 'x'.repeat(256) }, { code: 'InvalidParameterValue' });
    await refuses({ InstanceId: 'i-1' }, { code: 'InvalidInstanceID.Malformed' });
    await refuses(
      { InstanceId: 'i-0123456789abcdef0' },
      { code: 'InvalidInstanceID.NotFound', message: "The instance ID 'i-0123456789abcdef0' does not exist" },
    );
    const tags = (ResourceType: 'image' | 'volume', Key: string) => ({
      TagSpecifications: [{ ResourceType, Tags: [{ Key, Value: '' }] }],
    });
    await refuses(tags('volume', 'a'), { code: 'InvalidParameterValue' });
    await refuses(tags('image', 'aws:a'), {
      code: 'InvalidParameterValue',
      message: "Tag keys starting with 'aws:' are reserved for internal use",
    });
    await refuses(
      { BlockDeviceMappings: [{ DeviceName: '/dev/sda1', NoDevice: '' }] },
      {
        code: 'InvalidBlockDeviceMapping',
      },
    );
    await refuses({ BootModeOverride: 'uefi' as never }, { code: 'InvalidParameterValue' });
    await refuses({ DryRun: true }, { code: 'DryRunOperation' });
    expect(await own()).toEqual([]);
    await create({ InstanceId: instanceId, Name: 'good' });
    await refuses({ DryRun: true }, { code: 'InvalidAMIName.Duplicate' });
    await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'terminated');
    await refuses(
      { Name: 'late' },
      {
        code: 'InvalidParameterValue',
        message: `Invalid value '${instanceId}' for instanceId. Instance is not in state 'running' or 'stopped'`,
      },
    );
  });

  it('leaves nothing when the node certainly took nothing', async () => {
    const { instanceId } = await launch(cloud);
    node.refuse('snapshotVolumes', new NodeError('disk-full', 'no room'));
    await expect(create({ InstanceId: instanceId, Name: 'failed' })).rejects.toMatchObject({
      code: 'InsufficientVolumeCapacity',
    });
    expect(await own()).toEqual([]);
    expect(await ownSnapshots()).toEqual([]);
    await create({ InstanceId: instanceId, Name: 'failed' });
  });
});

describe('an image whose answer was lost', () => {
  it('is finished by the reconciler, also after a restart', async () => {
    const { instanceId } = await launch(cloud);
    node.loseAnswer('snapshotVolumes', 2);
    const id = await create({ InstanceId: instanceId, Name: 'late' });
    cloud = await cloud.reopen();
    await available(id);
    await cloud.call('RebootInstances', { InstanceIds: [instanceId] });
    await cloud.call('CreateImage', { InstanceId: instanceId, Name: 'next' });
  });

  it('is restarted with its machine when the crash came while that was down', async () => {
    const { instanceId } = await launch(cloud, silent);
    node.loseAnswer('stopMachine', 2);
    const id = await create({ InstanceId: instanceId, Name: 'rebooting' });
    cloud = await cloud.reopen();
    await available(id);
    await eventually(
      () => node.machine({ instanceId: instanceId as never }),
      (machine) => machine.state === 'running',
    );
  });

  it('is failed with its reason when a later try certainly fails, and can be deregistered', async () => {
    const { instanceId } = await launch(cloud, silent);
    node.refuse('snapshotVolumes', new NodeError('disk-full', 'no room'));
    const id = await create({ InstanceId: instanceId, Name: 'failing' });
    const failed = await eventually(
      () => image(id),
      (shown) => shown?.State === 'failed',
    );
    expect(failed?.StateReason).toEqual({ Code: 'Server.InternalError', Message: 'no room' });
    await cloud.call('DeregisterImage', { ImageId: id });
    expect(await ownSnapshots()).toEqual([]);
    await inState(cloud, instanceId, 'running');
  });
});

it('an image stands when its source instance, volumes and parent image are gone', async () => {
  const { instanceId } = await launch(cloud);
  const parent = await create({ InstanceId: instanceId, Name: 'parent' });
  const child = await launch(cloud, { ImageId: parent });
  const id = await create({ InstanceId: child.instanceId, Name: 'child' });
  await cloud.call('TerminateInstances', { InstanceIds: [instanceId, child.instanceId] });
  await inState(cloud, child.instanceId, 'terminated');
  await cloud.call('DeregisterImage', { ImageId: parent, DeleteAssociatedSnapshots: true });
  // Its snapshot's layer is still stood upon; the volumes' own layers go.
  await eventually(
    () => node.listLayers(),
    (layers) => layers.length === 3,
  );
  await launch(cloud, { ImageId: id });
});
