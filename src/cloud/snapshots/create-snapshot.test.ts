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

const described = async (id: string | undefined) =>
  (await cloud.call('DescribeSnapshots', { SnapshotIds: [id ?? ''] })).Snapshots?.[0];
const rows = () =>
  cloud.cloud.db.read
    .selectFrom('snapshots')
    .selectAll()
    .where('owner_id', '=', '123456789012' as never)
    .execute();
const volumeRow = (id: string) =>
  cloud.cloud.db.read
    .selectFrom('volumes')
    .selectAll()
    .where('volume_id', '=', id as never)
    .executeTakeFirstOrThrow();

describe('CreateSnapshot', () => {
  it('takes the instant of an attached volume before it answers, and tags it', async () => {
    const { rootVolumeId } = await launch(cloud);
    const before = await volumeRow(rootVolumeId);
    const snapshot = await cloud.call('CreateSnapshot', {
      VolumeId: rootVolumeId,
      Description: 'before the upgrade',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'team', Value: 'ml' }] }],
    });
    expect(snapshot).toMatchObject({
      State: 'completed',
      Progress: '100%',
      VolumeId: rootVolumeId,
      VolumeSize: 1,
      Description: 'before the upgrade',
      OwnerId: '123456789012',
      Encrypted: false,
      Tags: [{ Key: 'team', Value: 'ml' }],
    });
    expect(await described(snapshot.SnapshotId)).toMatchObject({
      StorageTier: 'standard',
      State: 'completed',
    });
    const [row] = await rows();
    expect(row?.layer_id).toBe(before.layer_id);
    expect((await volumeRow(rootVolumeId)).layer_id).not.toBe(before.layer_id);
  });

  it('takes a stopped instance and a volume that nobody holds', async () => {
    const { instanceId, rootVolumeId } = await launch(cloud);
    await cloud.call('StopInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'stopped');
    await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
    const { VolumeId: free = '' } = await cloud.call('CreateVolume', {
      AvailabilityZone: 'us-east-1a',
      Size: 3,
    });
    await eventually(
      () => volumeRow(free),
      (volume) => volume.state === 'available',
    );
    expect(await cloud.call('CreateSnapshot', { VolumeId: free })).toMatchObject({
      State: 'completed',
      VolumeSize: 3,
    });
    await cloud.call('StartInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'running');
  });

  it('takes parallel calls on one volume one after the other', async () => {
    const { rootVolumeId } = await launch(cloud);
    const taken = await Promise.all(
      Array.from({ length: 5 }, () => cloud.call('CreateSnapshot', { VolumeId: rootVolumeId })),
    );
    expect(new Set(taken.map((snapshot) => snapshot.SnapshotId)).size).toBe(5);
    const layers = (await rows()).map((row) => row.layer_id);
    expect(new Set(layers).size).toBe(5);
    expect(layers).not.toContain((await volumeRow(rootVolumeId)).layer_id);
  });

  it('waits for a machine that is just starting', async () => {
    const { Instances } = await cloud.call('RunInstances', {
      ImageId: cloud.baseImageId,
      MinCount: 1,
      MaxCount: 1,
      InstanceType: 't3.micro',
    });
    const volume = await cloud.cloud.db.read
      .selectFrom('volumes')
      .select('volume_id')
      .executeTakeFirstOrThrow();
    await cloud.call('CreateSnapshot', { VolumeId: volume.volume_id });
    await inState(cloud, Instances?.[0]?.InstanceId ?? '', 'running');
  });

  it('waits for a volume that is just attaching, and refuses one that the guest does not let go of', async () => {
    const UserData = Buffer.from('ingot-simulate: detach=unsupported').toString('base64');
    const { instanceId } = await launch(cloud, { UserData });
    const { VolumeId = '' } = await cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 1 });
    await eventually(
      () => volumeRow(VolumeId),
      (volume) => volume.state === 'available',
    );
    await cloud.call('AttachVolume', { VolumeId, InstanceId: instanceId, Device: '/dev/sdf' });
    const [snapshot] = await Promise.all([
      cloud.call('CreateSnapshot', { VolumeId }),
      cloud.call('CreateImage', { InstanceId: instanceId, Name: 'with both' }),
    ]);
    expect(snapshot.State).toBe('completed');
    expect(await rows()).toHaveLength(3);
    await cloud.call('DetachVolume', { VolumeId });
    await eventually(
      () => volumeRow(VolumeId),
      (volume) => volume.attachment_state === 'busy',
    );
    await expect(cloud.call('CreateSnapshot', { VolumeId })).rejects.toMatchObject({
      code: 'IncorrectState',
      message: `${VolumeId} is 'busy'; wait until that is done`,
    });
    await cloud.call('DetachVolume', { VolumeId, Force: true });
    await eventually(
      () => volumeRow(VolumeId),
      (volume) => volume.state === 'available',
    );
    await cloud.call('CreateSnapshot', { VolumeId });
  });

  it('goes side by side with CreateImage on the same instance', async () => {
    const { instanceId, rootVolumeId } = await launch(cloud);
    await Promise.all([
      cloud.call('CreateImage', { InstanceId: instanceId, Name: 'beside' }),
      cloud.call('CreateSnapshot', { VolumeId: rootVolumeId }),
      cloud.call('CreateSnapshots', { InstanceSpecification: { InstanceId: instanceId } }),
    ]);
    expect((await rows()).map((row) => row.state)).toEqual(['completed', 'completed', 'completed']);
    expect(new Set((await rows()).map((row) => row.layer_id)).size).toBe(3);
  });

  it('changes nothing in a dry run', async () => {
    const { rootVolumeId } = await launch(cloud);
    await expect(
      cloud.call('CreateSnapshot', { VolumeId: rootVolumeId, DryRun: true }),
    ).rejects.toMatchObject({
      code: 'DryRunOperation',
    });
    expect(await rows()).toEqual([]);
  });

  it('says what is wrong with the request', async () => {
    const { rootVolumeId } = await launch(cloud);
    const call = (input: Parameters<typeof cloud.call<'CreateSnapshot'>>[1], as = {}) =>
      cloud.call('CreateSnapshot', input, as);
    await expect(call({ VolumeId: 'vol-x' })).rejects.toMatchObject({
      code: 'InvalidVolumeID.Malformed',
      message: 'Invalid id: "vol-x" (expecting "vol-...")',
    });
    await expect(call({ VolumeId: 'vol-0123456789abcdef0' })).rejects.toMatchObject({
      code: 'InvalidVolume.NotFound',
      message: "The volume 'vol-0123456789abcdef0' does not exist.",
    });
    await expect(call({ VolumeId: rootVolumeId }, { accountId: accountB })).rejects.toMatchObject({
      code: 'InvalidVolume.NotFound',
    });
    await expect(call({ VolumeId: rootVolumeId, Description: 'x'.repeat(256) })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(
      call({
        VolumeId: rootVolumeId,
        TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'a', Value: 'b' }] }],
      }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' });
    await expect(call({ VolumeId: rootVolumeId, OutpostArn: 'arn:x' })).rejects.toMatchObject({
      code: 'UnsupportedOperation',
    });
  });

  it('leaves nothing when the node certainly took nothing', async () => {
    const { rootVolumeId } = await launch(cloud);
    node.refuse('snapshotVolumes', new NodeError('disk-full', 'no room'));
    await expect(cloud.call('CreateSnapshot', { VolumeId: rootVolumeId })).rejects.toMatchObject({
      code: 'InsufficientVolumeCapacity',
    });
    expect(await rows()).toEqual([]);
    await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
  });
});

describe('an instant whose answer was lost', () => {
  it('is pending, and the reconciler finishes it with the layer that was frozen', async () => {
    const { rootVolumeId } = await launch(cloud);
    const before = await volumeRow(rootVolumeId);
    node.loseAnswer('snapshotVolumes');
    const { SnapshotId } = await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
    await eventually(
      () => described(SnapshotId),
      (snapshot) => snapshot?.State === 'completed',
    );
    expect((await rows())[0]?.layer_id).toBe(before.layer_id);
    expect((await volumeRow(rootVolumeId)).layer_id).not.toBe(before.layer_id);
  });

  it('is finished after a restart, before the machine can start on the frozen layer', async () => {
    const { instanceId, rootVolumeId } = await launch(cloud);
    await cloud.call('StopInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'stopped');
    node.loseAnswer('snapshotVolumes', 3);
    const { SnapshotId } = await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
    await cloud.call('StartInstances', { InstanceIds: [instanceId] });
    cloud = await cloud.reopen();
    await inState(cloud, instanceId, 'running');
    await eventually(
      () => described(SnapshotId),
      (snapshot) => snapshot?.State === 'completed',
    );
  });

  it('is finished by the next snapshot of the volume', async () => {
    const { rootVolumeId } = await launch(cloud);
    node.loseAnswer('snapshotVolumes');
    const [first, second] = await Promise.all([
      cloud.call('CreateSnapshot', { VolumeId: rootVolumeId }),
      cloud.call('CreateSnapshot', { VolumeId: rootVolumeId }),
    ]);
    expect(second.State).toBe('completed');
    expect(await described(first.SnapshotId)).toMatchObject({ State: 'completed' });
  });

  it('is finished when the volume and its instance are gone', async () => {
    const { instanceId, rootVolumeId } = await launch(cloud);
    node.loseAnswer('snapshotVolumes', 2);
    const { SnapshotId } = await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
    await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'terminated');
    await eventually(
      () => described(SnapshotId),
      (snapshot) => snapshot?.State === 'completed',
    );
  });

  it('ends in error where a later try certainly fails, and its deletion does not take the volume', async () => {
    const { rootVolumeId } = await launch(cloud);
    node.refuse('snapshotVolumes', new Error('no answer'), 1);
    const { SnapshotId } = await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
    node.refuse('snapshotVolumes', new NodeError('disk-full', 'no room'));
    expect(
      await eventually(
        () => described(SnapshotId),
        (snapshot) => snapshot?.State !== 'pending',
      ),
    ).toMatchObject({ State: 'error', StateMessage: 'no room' });
    await cloud.call('DeleteSnapshot', { SnapshotId });
    await cloud.call('CreateSnapshot', { VolumeId: rootVolumeId });
  });
});

describe('CreateSnapshots', () => {
  const twoDisks = {
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 2 } }],
    TagSpecifications: [{ ResourceType: 'volume' as const, Tags: [{ Key: 'disk', Value: 'yes' }] }],
  };

  it('takes all volumes of the instance at one instant', async () => {
    const { instanceId, rootVolumeId, dataVolumeIds } = await launch(cloud, twoDisks);
    const { Snapshots = [] } = await cloud.call('CreateSnapshots', {
      InstanceSpecification: { InstanceId: instanceId },
      Description: 'both',
      CopyTagsFromSource: 'volume',
      TagSpecifications: [{ ResourceType: 'snapshot', Tags: [{ Key: 'set', Value: '1' }] }],
    });
    expect(Snapshots.map((snapshot) => snapshot.VolumeId).sort()).toEqual(
      [rootVolumeId, ...dataVolumeIds].sort(),
    );
    expect(new Set(Snapshots.map((snapshot) => snapshot.StartTime?.getTime())).size).toBe(1);
    expect(node.count('snapshotVolumes')).toBe(1);
    for (const snapshot of Snapshots) {
      expect(snapshot).toMatchObject({
        State: 'completed',
        Description: 'both',
        Tags: [
          { Key: 'disk', Value: 'yes' },
          { Key: 'set', Value: '1' },
        ],
      });
    }
  });

  it('leaves out the root or data volumes that are named', async () => {
    const { instanceId, rootVolumeId, dataVolumeIds } = await launch(cloud, twoDisks);
    const taken = async (specification: object) =>
      (
        await cloud.call('CreateSnapshots', {
          InstanceSpecification: { InstanceId: instanceId, ...specification },
        })
      ).Snapshots?.map((snapshot) => snapshot.VolumeId);
    expect(await taken({ ExcludeBootVolume: true })).toEqual(dataVolumeIds);
    expect(await taken({ ExcludeDataVolumeIds: dataVolumeIds })).toEqual([rootVolumeId]);
    await expect(taken({ ExcludeDataVolumeIds: [rootVolumeId] })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
    });
    await expect(
      taken({ ExcludeBootVolume: true, ExcludeDataVolumeIds: dataVolumeIds }),
    ).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });

  it('finishes the same instant of all volumes after a crash', async () => {
    const { instanceId } = await launch(cloud, twoDisks);
    node.loseAnswer('snapshotVolumes', 2);
    const { Snapshots = [] } = await cloud.call('CreateSnapshots', {
      InstanceSpecification: { InstanceId: instanceId },
    });
    cloud = await cloud.reopen();
    for (const { SnapshotId } of Snapshots) {
      await eventually(
        () => described(SnapshotId),
        (snapshot) => snapshot?.State === 'completed',
      );
    }
    const frozen = (await rows()).map((row) => row.layer_id);
    const layers = await node.listLayers();
    expect(layers.filter((layer) => frozen.includes(layer.layerId))).toHaveLength(2);
  });

  it('refuses an instance that is gone or another account’s', async () => {
    const { instanceId } = await launch(cloud);
    const specification = { InstanceSpecification: { InstanceId: instanceId } };
    await expect(cloud.call('CreateSnapshots', specification, { accountId: accountB })).rejects.toMatchObject(
      {
        code: 'InvalidInstanceID.NotFound',
      },
    );
    await cloud.call('TerminateInstances', { InstanceIds: [instanceId] });
    await inState(cloud, instanceId, 'terminated');
    await expect(cloud.call('CreateSnapshots', specification)).rejects.toMatchObject({
      code: 'IncorrectInstanceState',
    });
  });
});
