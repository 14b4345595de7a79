import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../src/node/deadline.ts';
import { findQemu, killQemu } from '../../src/node/qemu/process.ts';
import { machineSpec, newLayerId, startBlank, testNode, volume } from './node-kit.ts';

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
