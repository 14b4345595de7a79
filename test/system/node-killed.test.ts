/** The server is killed at each point of a command; then another opens the same home and is asked again. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SnapshotRequest } from '../../src/node/contract.ts';
import type { OpenNode } from '../../src/node/node.ts';
import { findQemu } from '../../src/node/qemu/process.ts';
import { runKilled } from './node-killed-kit.ts';
import { blankVolume, killMachines, machineSpec, newLayerId, type TestHome, testNode } from './node-kit.ts';

const snapshotPoints = ['overlays', 'prepared', 'frozen', 'taken'].map((point) => `snapshot:${point}`);

test.each(snapshotPoints)(
  'one instant, and the machine runs on, when the server dies at %s',
  async (point) => {
    const { home, request } = await snapshotKilledAt(point);
    const pid = await qemuPid(home);
    const node = await home.open();
    const result = await node.snapshotVolumes(request);
    expect(await node.snapshotVolumes(request)).toEqual(result);
    expect(await qemuPid(home)).toBe(pid);
    await expectTaken(node, request);
    // What it writes to is a layer like any other: the next snapshot works.
    const [first] = request.volumes;
    if (first === undefined) throw new Error('no volume');
    const again = { ...first, frozenLayerId: first.nextLayerId, nextLayerId: newLayerId() };
    await node.snapshotVolumes({ ...request, volumes: [again] });
    await expectTaken(node, { ...request, volumes: [again] });
  },
);

test.each(snapshotPoints)('nothing is lost when the server dies at %s and QEMU after it', async (point) => {
  const { home, request } = await snapshotKilledAt(point);
  await killMachines(home.directory);
  const node = await home.open();
  expect(await node.machine({ instanceId: instanceOf(request) })).toMatchObject({
    state: 'stopped',
    stopReason: 'crashed',
  });
  const result = await node.snapshotVolumes(request);
  expect(['crash', 'stopped']).toContain(result.consistency);
  await expectTaken(node, request);
});

test.each(['start:recorded', 'start:launched'])(
  'a machine is started once when the server dies at %s',
  async (point) => {
    const home = await testNode();
    const before = await home.open();
    const spec = machineSpec([await blankVolume(before)]);
    await before.close();
    await runKilled(home, point, { name: 'start', spec });
    const node = await home.open();
    expect(await node.startMachine(spec)).toMatchObject({ state: 'running' });
    expect((await findQemu(join(home.directory, 'instances'))).size).toBe(1);
  },
);

async function snapshotKilledAt(
  point: string,
): Promise<{ readonly home: TestHome; readonly request: SnapshotRequest }> {
  const home = await testNode();
  const before = await home.open();
  const root = await blankVolume(before);
  const spec = machineSpec([root]);
  await before.startMachine(spec);
  await before.close();
  const request: SnapshotRequest = {
    instanceId: spec.instanceId,
    freeze: 'try',
    volumes: [{ volumeId: root.volumeId, frozenLayerId: root.layerId, nextLayerId: newLayerId() }],
  };
  await runKilled(home, point, { name: 'snapshot', request });
  return { home, request };
}

async function expectTaken(node: OpenNode, request: SnapshotRequest): Promise<void> {
  const { volumes } = await node.machine({ instanceId: instanceOf(request) });
  expect(volumes.map(({ layerId }) => layerId)).toEqual(
    request.volumes.map(({ nextLayerId }) => nextLayerId),
  );
  const layers = await node.listLayers();
  for (const { frozenLayerId, nextLayerId } of request.volumes) {
    expect(layers.find(({ layerId }) => layerId === nextLayerId)).toMatchObject({
      parentLayerId: frozenLayerId,
    });
  }
}

function instanceOf(request: SnapshotRequest) {
  if (request.instanceId === undefined) throw new Error('no instance');
  return request.instanceId;
}

async function qemuPid(home: TestHome): Promise<number | undefined> {
  return [...(await findQemu(join(home.directory, 'instances'))).values()][0]?.pid;
}
