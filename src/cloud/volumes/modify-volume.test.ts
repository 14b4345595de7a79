import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeError } from '../../node/contract.ts';
import { type FlakyNode, flakyNode } from '../testing/flaky-node.ts';
import { launch } from '../testing/launch.ts';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let node: FlakyNode;
let cloud: TestCloud;
beforeEach(async () => {
  node = flakyNode();
  cloud = await openTestCloud({ node });
});
afterEach(() => cloud.close());

async function volume(id: string) {
  return (await cloud.call('DescribeVolumes', { VolumeIds: [id] })).Volumes?.[0];
}

async function create() {
  const { VolumeId = '' } = await cloud.call('CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 4 });
  await eventually(
    () => volume(VolumeId),
    (one) => one?.State === 'available',
  );
  return VolumeId;
}

async function modification(VolumeId: string, state: string) {
  return await eventually(
    async () =>
      (await cloud.call('DescribeVolumesModifications', { VolumeIds: [VolumeId] })).VolumesModifications?.[0],
    (one) => one?.ModificationState === state,
  );
}

test('a volume grows on a running machine, and its modification says what it was', async () => {
  const { dataVolumeIds } = await launch(cloud, {
    BlockDeviceMappings: [{ DeviceName: '/dev/sdf', Ebs: { VolumeSize: 4, VolumeType: 'gp2' } }],
  });
  const [VolumeId = ''] = dataVolumeIds;
  expect(await cloud.call('ModifyVolume', { VolumeId, Size: 9, VolumeType: 'gp3' })).toMatchObject({
    VolumeModification: {
      ModificationState: 'modifying',
      OriginalSize: 4,
      TargetSize: 9,
      OriginalVolumeType: 'gp2',
      TargetVolumeType: 'gp3',
      TargetIops: 3000,
    },
  });
  expect(await modification(VolumeId, 'completed')).toMatchObject({
    Progress: 100,
    EndTime: expect.any(Date),
  });
  expect(await volume(VolumeId)).toMatchObject({ Size: 9, VolumeType: 'gp3', Throughput: 125 });
  const layers = await cloud.node.listLayers();
  expect(layers.map((layer) => layer.virtualSizeBytes)).toContain(9 * 2 ** 30);
});

test.each([
  [{ Size: 3 }, 'InvalidParameterValue'],
  [{}, 'MissingParameter'],
  [{ Iops: 4000 }, 'InvalidParameterCombination'],
  [{ VolumeType: 'st1' }, 'InvalidParameterValue'],
  [{ MultiAttachEnabled: true }, 'UnsupportedOperation'],
])('refuses to modify a gp2 volume of 4 GiB to %o with %s', async (input, code) => {
  const VolumeId = await create();
  await expect(cloud.call('ModifyVolume', { VolumeId, ...input } as never)).rejects.toMatchObject({ code });
});

test('a growth that was interrupted is finished after a restart', async () => {
  const VolumeId = await create();
  await cloud.call('ModifyVolume', { VolumeId, Size: 9 });
  cloud = await cloud.reopen();
  await eventually(
    () => volume(VolumeId),
    (one) => one?.Size === 9,
  );
});

test('a volume that was never modified has no modification', async () => {
  const VolumeId = await create();
  await expect(cloud.call('DescribeVolumesModifications', { VolumeIds: [VolumeId] })).rejects.toMatchObject({
    code: 'InvalidVolumeModification.NotFound',
  });
  expect(await cloud.call('DescribeVolumesModifications', {})).toEqual({ VolumesModifications: [] });
});

test('a volume whose disk is full keeps its size and type, and says why', async () => {
  const VolumeId = await create();
  node.refuse('growLayer', new NodeError('disk-full', 'the disk is full'));
  await cloud.call('ModifyVolume', { VolumeId, Size: 9, VolumeType: 'gp3' });
  expect(await modification(VolumeId, 'failed')).toMatchObject({ StatusMessage: 'the disk is full' });
  expect(await volume(VolumeId)).toMatchObject({ Size: 4, VolumeType: 'gp2' });
});

test('while a volume is modifying it shows its old size and cannot be modified again', async () => {
  const VolumeId = await create();
  node.refuse('growLayer', new Error('the node does not answer'), 1_000_000);
  await cloud.call('ModifyVolume', { VolumeId, Size: 9 });
  expect(await volume(VolumeId)).toMatchObject({ Size: 4 });
  await expect(cloud.call('ModifyVolume', { VolumeId, Size: 10 })).rejects.toMatchObject({
    code: 'IncorrectModificationState',
  });
});

test('a growth whose answer was lost is found done', async () => {
  const VolumeId = await create();
  node.loseAnswer('growLayer');
  await cloud.call('ModifyVolume', { VolumeId, Size: 9 });
  await modification(VolumeId, 'completed');
  expect(node.count('growLayer')).toBe(2);
});
