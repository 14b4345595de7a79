import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../src/node/deadline.ts';
import { findQemu, killQemu } from '../../src/node/qemu/process.ts';
import { blankVolume, machineSpec, newLayerId, startBlank, testNode, volume } from './node-kit.ts';

test('starts a machine once, and answers a repeated start with the running one', async () => {
  const node = await (await testNode()).open();
  const { spec, layerId } = await startBlank(node);
  const again = await node.startMachine(spec);
  expect(again.state).toBe('running');
  expect(again.volumes.map((v) => v.layerId)).toEqual([layerId]);
  expect(again.publicAddress).toMatch(/^127\.83\.\d+\.\d+$/);
  const stopped = await node.stopMachine({ instanceId: spec.instanceId, deadlineMs: 0, force: true });
  expect(stopped).toMatchObject({ state: 'stopped', stopReason: 'requested' });
});

test('finds its machines again after the server has gone', async () => {
  const home = await testNode();
  const first = await home.open();
  const { instanceId } = await startBlank(first);
  const before = await first.machine({ instanceId });
  await first.close();
  const second = await home.open();
  expect(await second.machine({ instanceId })).toEqual(before);
  await second.removeMachine({ instanceId });
  expect(await second.machine({ instanceId })).toMatchObject({ state: 'absent' });
});

test('tells at once that a machine crashed', async () => {
  const home = await testNode();
  const node = await home.open();
  const { instanceId } = await startBlank(node);
  const ended = new Promise<string | undefined>((resolve) => {
    node.onMachineChanged((status) => {
      if (status.state === 'stopped') resolve(status.stopReason);
    });
  });
  const qemu = (await findQemu(join(home.directory, 'instances'))).get(instanceId);
  if (qemu === undefined) throw new Error('no QEMU');
  await killQemu(qemu);
  expect(await ended).toBe('crashed');
  expect(await node.machine({ instanceId })).toMatchObject({
    state: 'stopped',
    stopReason: 'crashed',
    stopDetail: 'qemu was killed by SIGKILL',
  });
});

test('opens and closes ports of a running machine', async () => {
  const node = await (await testNode()).open();
  const { instanceId } = await startBlank(node);
  const { publicAddress = '' } = await node.machine({ instanceId });
  expect(await accepts(publicAddress, 22)).toBe(true);
  await node.setPorts({ instanceId, ports: [{ protocol: 'tcp', fromPort: 8080, toPort: 8082 }] });
  expect(await accepts(publicAddress, 22)).toBe(false);
  expect(await accepts(publicAddress, 8081)).toBe(true);
});

test('says in words why QEMU did not start', async () => {
  const node = await (await testNode()).open();
  const layerId = newLayerId();
  await node.createLayer({ layerId, sizeBytes: 2 ** 20 });
  const twice = [volume(layerId), volume(layerId, { root: false, deviceName: '/dev/sdf' })];
  await expect(node.startMachine(machineSpec(twice))).rejects.toThrow(/QEMU did not start.*node-name/s);
});

test('a start asked twice at once starts one QEMU', async () => {
  const home = await testNode();
  const node = await home.open();
  const spec = machineSpec([await blankVolume(node)]);
  const [one, other] = await Promise.all([node.startMachine(spec), node.startMachine(spec)]);
  expect(one).toEqual(other);
  expect((await findQemu(join(home.directory, 'instances'))).size).toBe(1);
});

test('a forced stop cuts short an orderly one that waits for the guest', async () => {
  const node = await (await testNode()).open();
  const { instanceId } = await startBlank(node);
  // Without an operating system nobody hears the power button.
  const orderly = node.stopMachine({ instanceId, deadlineMs: 3_600_000, force: false });
  const forced = node.stopMachine({ instanceId, deadlineMs: 0, force: true });
  expect(await forced).toMatchObject({ state: 'stopped', stopReason: 'requested' });
  expect(await orderly).toMatchObject({ state: 'stopped', stopReason: 'requested' });
});

test('refuses what does not fit before anything is made', async () => {
  const home = await testNode();
  const node = await home.open({ memoryForInstancesMiB: 100 });
  await startBlank(node);
  const second = machineSpec([await blankVolume(node)]);
  await expect(node.startMachine(second)).rejects.toMatchObject({ kind: 'no-capacity' });
  expect(await node.machine({ instanceId: second.instanceId })).toMatchObject({ state: 'absent' });
  await node.close();
  const full = await home.open({ diskFloorBytes: Number.MAX_SAFE_INTEGER });
  await expect(full.createLayer({ layerId: newLayerId(), sizeBytes: 512 })).rejects.toMatchObject({
    kind: 'disk-full',
  });
  await expect(full.startMachine({ ...second, memoryMiB: 1 })).rejects.toMatchObject({ kind: 'disk-full' });
});

test('maps ports that need a privilege it lacks, and tells them', async () => {
  const node = await (await testNode()).open({ lowestFreePort: 1024 });
  const { instanceId } = await startBlank(node);
  const { publicAddress = '', mappedPorts } = await node.machine({ instanceId });
  expect(mappedPorts).toEqual([{ guestPort: 22, hostPort: 10_022 }]);
  expect(await accepts(publicAddress, 10_022)).toBe(true);
  expect(await accepts(publicAddress, 22)).toBe(false);
});

test('keeps a volume that the guest does not let go of, unless forced', async () => {
  const node = await (await testNode()).open();
  const { instanceId } = await startBlank(node);
  const data = { ...(await blankVolume(node)), deviceName: '/dev/sdf', root: false };
  await node.attachVolume({ instanceId, volume: data });
  expect((await node.attachVolume({ instanceId, volume: data })).volumes).toHaveLength(2);
  const request = { instanceId, volumeId: data.volumeId };
  await expect(node.detachVolume({ ...request, force: false })).rejects.toThrow(/did not let go/);
  expect((await node.machine({ instanceId })).volumes).toHaveLength(2);
  expect((await node.detachVolume({ ...request, force: true })).volumes).toHaveLength(1);
  // Nothing of it is open any more.
  const taken = { volumeId: data.volumeId, frozenLayerId: data.layerId, nextLayerId: newLayerId() };
  expect(await node.snapshotVolumes({ freeze: 'no', volumes: [taken] })).toMatchObject({
    consistency: 'stopped',
  });
});

test('a second server on the same home is refused', async () => {
  const home = await testNode();
  await home.open();
  await expect(home.open()).rejects.toThrow(/another Ingot server/);
});

test('an arm64 machine starts with its own copy of the firmware variables', async () => {
  const home = await testNode();
  const node = await home.open();
  const root = await blankVolume(node);
  const spec = machineSpec([root], { architecture: 'arm64', firmware: 'uefi', memoryMiB: 256 });
  expect(await node.startMachine(spec)).toMatchObject({ state: 'running' });
  const taken = { volumeId: root.volumeId, frozenLayerId: root.layerId, nextLayerId: newLayerId() };
  const { instanceId } = spec;
  expect(await node.snapshotVolumes({ instanceId, freeze: 'no', volumes: [taken] })).toMatchObject({
    freezeMs: 0,
  });
  expect((await node.facts()).architectures.map(({ architecture }) => architecture)).toContain('arm64');
});

async function accepts(host: string, port: number): Promise<boolean> {
  return until(
    () =>
      new Promise<boolean>((resolve) => {
        const socket = connect(port, host);
        socket.once('connect', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', () => resolve(false));
      }),
    { deadlineMs: 5_000, what: 'a connection' },
  );
}
