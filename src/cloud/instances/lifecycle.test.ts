import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually, openTestCloud, type TestCloud } from '../testing/open-test-cloud.ts';

let cloud: TestCloud;
beforeEach(async () => {
  cloud = await openTestCloud();
});
afterEach(() => cloud.close());

/** User data as `ingot-simulate: start=no-capacity` tells the simulated node what shall fail. */
function simulate(...failures: string[]): string {
  return Buffer.from(failures.map((failure) => `ingot-simulate: ${failure}`).join('\n')).toString('base64');
}

async function launch(failure?: string, more: object = {}) {
  const { Instances = [] } = await cloud.call('RunInstances', {
    ImageId: cloud.baseImageId,
    MinCount: 1,
    MaxCount: 1,
    ...(failure === undefined ? {} : { UserData: simulate(failure) }),
    ...more,
  });
  return Instances[0]?.InstanceId ?? '';
}

async function instance(id: string) {
  const { Reservations = [] } = await cloud.call('DescribeInstances', { InstanceIds: [id] });
  return Reservations[0]?.Instances?.[0];
}

async function reaches(id: string, state: string) {
  return await eventually(
    () => instance(id),
    (now) => now?.State?.Name === state,
  );
}

test('a launch is pending when the call answers, and runs with its address and its volume', async () => {
  const id = await launch();
  const running = await reaches(id, 'running');
  expect(running?.PublicIpAddress).toMatch(/^127\.83\./);
  expect(running?.BlockDeviceMappings).toMatchObject([
    { DeviceName: '/dev/sda1', Ebs: { Status: 'attached', DeleteOnTermination: true } },
  ]);
});

test.each([
  ['no-capacity', 'Server.InsufficientInstanceCapacity'],
  ['disk-full', 'Client.VolumeLimitExceeded'],
  ['internal', 'Server.InternalError'],
])('a launch that fails with %s is terminated with the reason %s, and leaves no disk', async (kind, code) => {
  const id = await launch(`start=${kind}`);
  const gone = await reaches(id, 'terminated');
  expect(gone?.StateReason).toMatchObject({ Code: code });
  await eventually(
    async () => (await cloud.node.listLayers()).length,
    (layers) => layers === 1,
  );
});

test('a stopped instance that cannot start stays stopped with the reason', async () => {
  const id = await launch();
  await reaches(id, 'running');
  await cloud.call('StopInstances', { InstanceIds: [id] });
  await reaches(id, 'stopped');
  await cloud.call('ModifyInstanceAttribute', {
    InstanceId: id,
    UserData: { Value: Buffer.from('ingot-simulate: start=internal') },
  });
  await cloud.call('StartInstances', { InstanceIds: [id] });
  const stopped = await eventually(
    () => instance(id),
    (now) => now?.StateReason?.Code === 'Server.InternalError',
  );
  expect(stopped?.State?.Name).toBe('stopped');
});

test('a machine whose process is killed is stopped with the reason, and can be started again', async () => {
  const id = await launch();
  await reaches(id, 'running');
  cloud.node.crash(id as never);
  const stopped = await reaches(id, 'stopped');
  expect(stopped?.StateReason?.Code).toBe('Server.InternalError');
  expect(stopped?.StateReason?.Message).toContain('SIGKILL');
  expect(stopped?.PublicIpAddress).toBeUndefined();
  await cloud.call('StartInstances', { InstanceIds: [id] });
  const running = await reaches(id, 'running');
  expect(running?.StateReason).toBeUndefined();
});

test.each([
  ['stop', 'stopped'],
  ['terminate', 'terminated'],
])('a guest that shuts itself down has its behaviour %s', async (behaviour, state) => {
  const id = await launch(undefined, { InstanceInitiatedShutdownBehavior: behaviour });
  await reaches(id, 'running');
  cloud.node.shutDownGuest(id as never);
  const ended = await reaches(id, state);
  expect(ended?.StateReason?.Code).toBe('Client.InstanceInitiatedShutdown');
});

test('a restart that fails is not repeated for ever', async () => {
  const id = await launch('reboot=internal');
  await reaches(id, 'running');
  await cloud.call('RebootInstances', { InstanceIds: [id] });
  await eventually(
    () => cloud.cloud.db.read.selectFrom('instances').select('reboot_wanted').executeTakeFirstOrThrow(),
    ({ reboot_wanted }) => reboot_wanted === 0,
  );
  expect((await instance(id))?.State?.Name).toBe('running');
});

test('an instance that is terminated while it is pending ends terminated and leaves nothing', async () => {
  const id = await launch();
  await cloud.call('TerminateInstances', { InstanceIds: [id] });
  await reaches(id, 'terminated');
  expect(await cloud.node.listMachines()).toEqual([]);
  expect((await cloud.call('DescribeVolumes', {})).Volumes).toEqual([]);
});

test('an instance that is stopped while it starts ends stopped with its disk, and can be started', async () => {
  const id = await launch();
  const { StoppingInstances } = await cloud.call('StopInstances', { InstanceIds: [id] });
  expect(StoppingInstances?.[0]?.CurrentState?.Name).toBe('stopping');
  const stopped = await reaches(id, 'stopped');
  expect(stopped?.BlockDeviceMappings).toMatchObject([{ Ebs: { Status: 'attached' } }]);
  await cloud.call('StartInstances', { InstanceIds: [id] });
  await reaches(id, 'running');
});

test('Force stops a machine that an orderly stop cannot', async () => {
  const id = await launch('stop=internal');
  await reaches(id, 'running');
  await cloud.call('StopInstances', { InstanceIds: [id] });
  expect((await instance(id))?.State?.Name).toBe('stopping');
  await cloud.call('StopInstances', { InstanceIds: [id], Force: true });
  await reaches(id, 'stopped');
});

test('terminating twice is no error; stopping and starting what is terminated is', async () => {
  const id = await launch();
  await cloud.call('TerminateInstances', { InstanceIds: [id] });
  await reaches(id, 'terminated');
  const again = await cloud.call('TerminateInstances', { InstanceIds: [id] });
  expect(again.TerminatingInstances?.[0]?.CurrentState?.Name).toBe('terminated');
  for (const action of ['StopInstances', 'StartInstances', 'RebootInstances'] as const) {
    await expect(cloud.call(action, { InstanceIds: [id] })).rejects.toMatchObject({
      code: 'IncorrectInstanceState',
    });
  }
});

test('a stop and a termination that meet end in the termination', async () => {
  const id = await launch();
  await reaches(id, 'running');
  await Promise.allSettled([
    cloud.call('TerminateInstances', { InstanceIds: [id] }),
    cloud.call('StopInstances', { InstanceIds: [id] }),
  ]);
  await reaches(id, 'terminated');
});

test('protected instances are neither terminated nor stopped by a call, and none of the others either', async () => {
  const kept = await launch(undefined, { DisableApiTermination: true, DisableApiStop: true });
  const other = await launch();
  await reaches(other, 'running');
  for (const action of ['TerminateInstances', 'StopInstances'] as const) {
    await expect(cloud.call(action, { InstanceIds: [other, kept] })).rejects.toMatchObject({
      code: 'OperationNotPermitted',
    });
  }
  expect((await instance(other))?.State?.Name).toBe('running');
});

test('what is asked while an image is taken is done after it', async () => {
  const id = await launch('agent=silent');
  await reaches(id, 'running');
  const { ImageId = '' } = await cloud.call('CreateImage', { InstanceId: id, Name: 'while-asked' });
  await cloud.call('TerminateInstances', { InstanceIds: [id] });
  await reaches(id, 'terminated');
  const image = await cloud.cloud.db.read
    .selectFrom('images')
    .select('state')
    .where('image_id', '=', ImageId as never)
    .executeTakeFirstOrThrow();
  expect(image.state).toBe('available');
});

test('after a reboot for an image the instance shows the address that it has then', async () => {
  const id = await launch('agent=silent');
  await reaches(id, 'running');
  await cloud.call('CreateImage', { InstanceId: id, Name: 'rebooted' });
  await eventually(
    async () => [await instance(id), await cloud.node.machine({ instanceId: id as never })] as const,
    ([shown, machine]) => machine.state === 'running' && shown?.PublicIpAddress === machine.publicAddress,
  );
});

test('a volume that is not deleted on termination stays, detached and no root any more', async () => {
  const id = await launch(undefined, {
    BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { DeleteOnTermination: false } }],
  });
  await reaches(id, 'running');
  await cloud.call('TerminateInstances', { InstanceIds: [id] });
  await reaches(id, 'terminated');
  const { Volumes = [] } = await cloud.call('DescribeVolumes', {});
  expect(Volumes).toMatchObject([{ State: 'available', Attachments: [] }]);
  const row = await cloud.cloud.db.read.selectFrom('volumes').select('is_root').executeTakeFirstOrThrow();
  expect(row.is_root).toBe(0);
});
