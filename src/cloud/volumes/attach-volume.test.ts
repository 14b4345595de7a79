import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeError } from '../../node/contract.ts';
import { flakyNode } from '../testing/flaky-node.ts';
import { inState, launch as launchOne } from '../testing/launch.ts';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let cloud: TestCloud;
let now: number;
beforeEach(async () => {
  now = Date.now();
  cloud = await openTestCloud({ now: () => new Date(now) });
});
afterEach(() => cloud.close());

async function launch(failure = 'nothing=fails', more: object = {}) {
  const UserData = Buffer.from(`ingot-simulate: ${failure}`).toString('base64');
  return (await launchOne(cloud, { UserData, ...more })).instanceId;
}

async function stop(id: string) {
  await cloud.call('StopInstances', { InstanceIds: [id] });
  await inState(cloud, id, 'stopped');
}

async function create(more: object = {}) {
  const input = { AvailabilityZone: 'us-east-1a', Size: 4, ...more };
  const { VolumeId = '' } = await cloud.call('CreateVolume', input);
  await reaches(VolumeId, 'available');
  return VolumeId;
}

async function volume(id: string) {
  return (await cloud.call('DescribeVolumes', { VolumeIds: [id] })).Volumes?.[0];
}

/** A volume's state, or that of its attachment. */
async function reaches(id: string, state: string) {
  return await eventually(
    () => volume(id),
    (one) => one?.State === state || one?.Attachments?.[0]?.State === state,
  );
}

async function attached(instanceId: string, device = '/dev/sdf') {
  const VolumeId = await create();
  await cloud.call('AttachVolume', { VolumeId, InstanceId: instanceId, Device: device });
  await reaches(VolumeId, 'attached');
  return VolumeId;
}

async function rootOf(instanceId: string) {
  const { Volumes = [] } = await cloud.call('DescribeVolumes', {
    Filters: [{ Name: 'attachment.instance-id', Values: [instanceId] }],
  });
  return Volumes[0]?.VolumeId ?? '';
}

async function onMachine(instanceId: string) {
  const { volumes } = await cloud.node.machine({ instanceId: instanceId as never });
  return volumes.map((one) => one.volumeId as string);
}

test('a volume is attaching when the call answers, and attached when the running machine has it', async () => {
  const id = await launch();
  const VolumeId = await create();
  expect(await cloud.call('AttachVolume', { VolumeId, InstanceId: id, Device: '/dev/sdf' })).toMatchObject({
    State: 'attaching',
    Device: '/dev/sdf',
  });
  const shown = await reaches(VolumeId, 'attached');
  expect(shown).toMatchObject({ State: 'in-use', Attachments: [{ DeleteOnTermination: false }] });
  expect(await onMachine(id)).toContain(VolumeId);
});

test('a stopped instance has its volume at once, and its machine from the next start', async () => {
  const id = await launch();
  await stop(id);
  const VolumeId = await create();
  expect(await cloud.call('AttachVolume', { VolumeId, InstanceId: id, Device: 'xvdf' })).toMatchObject({
    State: 'attached',
  });
  await cloud.call('StartInstances', { InstanceIds: [id] });
  await inState(cloud, id, 'running');
  expect(await onMachine(id)).toContain(VolumeId);
});

test.each([
  ['/dev/sda1', 'InvalidParameterValue'],
  ['/dev/xvda1', 'InvalidParameterValue'],
  ['/dev/nvme1n1', 'InvalidParameterValue'],
  ['', 'MissingParameter'],
])('the device name %s is refused', async (Device, code) => {
  const id = await launch();
  const VolumeId = await create();
  await expect(cloud.call('AttachVolume', { VolumeId, InstanceId: id, Device })).rejects.toMatchObject({
    code,
  });
});

test('an attached volume cannot be attached, deleted, or given a place that is taken', async () => {
  const id = await launch();
  const VolumeId = await attached(id);
  const other = await create();
  const Device = '/dev/sdg';
  await expect(cloud.call('AttachVolume', { VolumeId, InstanceId: id, Device })).rejects.toMatchObject({
    code: 'VolumeInUse',
  });
  await expect(cloud.call('DeleteVolume', { VolumeId })).rejects.toMatchObject({ code: 'VolumeInUse' });
  await expect(
    cloud.call('AttachVolume', { VolumeId: other, InstanceId: id, Device: '/dev/xvdf' }),
  ).rejects.toMatchObject({ message: expect.stringContaining('already in use') });
});

test('a volume of another zone, or an instance that is not running or stopped, is refused', async () => {
  const id = await launch();
  const elsewhere = await create({ AvailabilityZone: 'us-east-1b' });
  const attach = (VolumeId: string) =>
    cloud.call('AttachVolume', { VolumeId, InstanceId: id, Device: '/dev/sdf' });
  await expect(attach(elsewhere)).rejects.toMatchObject({ code: 'InvalidVolume.ZoneMismatch' });
  const here = await create();
  await cloud.call('TerminateInstances', { InstanceIds: [id] });
  await expect(attach(here)).rejects.toMatchObject({ code: 'IncorrectState' });
});

test('an attachment that can never succeed leaves the volume available', async () => {
  const id = await launch('attach=unsupported');
  const VolumeId = await create();
  await cloud.call('AttachVolume', { VolumeId, InstanceId: id, Device: '/dev/sdf' });
  expect(await reaches(VolumeId, 'available')).toMatchObject({ Attachments: [] });
});

test('an attachment that was interrupted is finished after a restart', async () => {
  const id = await launch();
  const VolumeId = await create();
  await cloud.call('AttachVolume', { VolumeId, InstanceId: id, Device: '/dev/sdf' });
  cloud = await cloud.reopen();
  await reaches(VolumeId, 'attached');
  await cloud.call('DetachVolume', { VolumeId });
  cloud = await cloud.reopen();
  await reaches(VolumeId, 'available');
  expect(await onMachine(id)).not.toContain(VolumeId);
});

test('a volume is detaching until its guest lets go, and then available', async () => {
  const id = await launch();
  const VolumeId = await attached(id);
  expect(await cloud.call('DetachVolume', { VolumeId })).toMatchObject({ State: 'detaching' });
  expect(await reaches(VolumeId, 'available')).toMatchObject({ Attachments: [] });
  expect(await onMachine(id)).toEqual([await rootOf(id)]);
});

test('a guest that does not let go leaves the volume busy, until Force takes it', async () => {
  const id = await launch('detach=internal');
  const VolumeId = await attached(id);
  await cloud.call('DetachVolume', { VolumeId });
  await reaches(VolumeId, 'busy');
  await cloud.call('DetachVolume', { VolumeId, Force: true });
  await reaches(VolumeId, 'available');
});

test('a busy volume is free when its guest lets go after all', async () => {
  const id = await launch('detach=internal');
  const VolumeId = await attached(id);
  await cloud.call('DetachVolume', { VolumeId });
  await reaches(VolumeId, 'busy');
  await cloud.node.detachVolume({ instanceId: id as never, volumeId: VolumeId as never, force: true });
  await reaches(VolumeId, 'available');
});

test('a guest that did not let go is asked again after a while', async () => {
  const node = flakyNode();
  await cloud.close();
  cloud = await openTestCloud({ node, now: () => new Date(now) });
  const id = await launch();
  const VolumeId = await attached(id);
  node.refuse('detachVolume', new NodeError('internal', 'the guest did not let go'));
  await cloud.call('DetachVolume', { VolumeId });
  await reaches(VolumeId, 'busy');
  now += 61_000;
  await reaches(VolumeId, 'available');
  expect(node.count('detachVolume')).toBe(2);
});

test('a busy volume is free when its instance stops', async () => {
  const id = await launch('detach=internal');
  const VolumeId = await attached(id);
  await cloud.call('DetachVolume', { VolumeId });
  await reaches(VolumeId, 'busy');
  await stop(id);
  await reaches(VolumeId, 'available');
});

test('the root of a running instance stays; of a stopped one it goes, and then nothing starts', async () => {
  const id = await launch();
  const VolumeId = await rootOf(id);
  await expect(cloud.call('DetachVolume', { VolumeId })).rejects.toMatchObject({
    code: 'OperationNotPermitted',
  });
  await stop(id);
  expect(await cloud.call('DetachVolume', { VolumeId })).toMatchObject({ State: 'detached' });
  await expect(cloud.call('StartInstances', { InstanceIds: [id] })).rejects.toMatchObject({
    code: 'IncorrectInstanceState',
    message: expect.stringContaining('does not have a volume attached at root'),
  });
  await cloud.call('AttachVolume', { VolumeId, InstanceId: id, Device: '/dev/sda1' });
  await cloud.call('StartInstances', { InstanceIds: [id] });
  await inState(cloud, id, 'running');
});

test('detaching names the volume, and where it is said to be it must be', async () => {
  const id = await launch();
  const VolumeId = await attached(id);
  await expect(cloud.call('DetachVolume', { VolumeId, Device: '/dev/sdz' })).rejects.toMatchObject({
    code: 'InvalidAttachment.NotFound',
  });
  await expect(
    cloud.call('DetachVolume', { VolumeId, InstanceId: 'i-0123456789abcdef0' }),
  ).rejects.toMatchObject({ code: 'InvalidAttachment.NotFound' });
  await expect(cloud.call('DetachVolume', { VolumeId: await create() })).rejects.toMatchObject({
    code: 'IncorrectState',
    message: expect.stringContaining("is in the 'available' state"),
  });
});

test('volumes, attachments and what an instance has of them go through an image and a termination', async () => {
  const id = await launch();
  const VolumeId = await attached(id);
  const { ImageId = '' } = await cloud.call('CreateImage', { InstanceId: id, Name: 'with-data' });
  await cloud.call('TerminateInstances', { InstanceIds: [id] });
  await inState(cloud, id, 'terminated');
  expect(await volume(VolumeId)).toMatchObject({ State: 'available' });
  await cloud.call('DeleteVolume', { VolumeId });
  const again = await launch('nothing=fails', { ImageId });
  expect(await onMachine(again)).toHaveLength(2);
});
