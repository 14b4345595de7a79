import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SnapshotRequest } from '../../src/node/contract.ts';
import { findQemu, killQemu } from '../../src/node/qemu/process.ts';
import { newId } from '../../src/platform/ids.ts';
import { blankVolume, machineSpec, newLayerId, startBlank, testNode } from './node-kit.ts';

test('takes one instant of a running machine, whatever is asked how often', async () => {
  const node = await (await testNode()).open();
  const { instanceId, volumeId, layerId } = await startBlank(node);
  const nextLayerId = newLayerId();
  const request: SnapshotRequest = {
    instanceId,
    freeze: 'try',
    volumes: [{ volumeId, frozenLayerId: layerId, nextLayerId }],
  };
  const result = await node.snapshotVolumes(request);
  expect(result).toMatchObject({ consistency: 'crash', freezeMs: 0 });
  expect(await node.snapshotVolumes(request)).toEqual(result);
  const { volumes } = await node.machine({ instanceId });
  expect(volumes.map((volume) => volume.layerId)).toEqual([nextLayerId]);
  const layers = await node.listLayers();
  expect(layers.find((layer) => layer.layerId === nextLayerId)).toMatchObject({
    parentLayerId: layerId,
    depth: 2,
  });
});

test('starts from the overlay after its QEMU was killed, with all that stands below', async () => {
  const home = await testNode();
  const node = await home.open();
  const { instanceId, volumeId, layerId, spec } = await startBlank(node);
  const nextLayerId = newLayerId();
  const volumes = [{ volumeId, frozenLayerId: layerId, nextLayerId }];
  await node.snapshotVolumes({ instanceId, freeze: 'no', volumes });
  const qemu = (await findQemu(join(home.directory, 'instances'))).get(instanceId);
  if (qemu === undefined) throw new Error('no QEMU');
  const stopped = new Promise<void>((resolve) => {
    node.onMachineChanged((status) => status.state === 'stopped' && resolve());
  });
  await killQemu(qemu);
  await stopped;
  await expect(node.startMachine(spec)).rejects.toThrow(/frozen/);
  const moved = (await node.machine({ instanceId })).volumes;
  expect(await node.startMachine({ ...spec, volumes: moved })).toMatchObject({ state: 'running' });
  const layers = join(home.directory, 'layers');
  const check = execFileSync('qemu-img', ['check', '--output=json', join(layers, `${layerId}.qcow2`)]);
  expect(JSON.parse(String(check))).not.toHaveProperty('corruptions');
});

test('takes all volumes of a running machine in one transaction', async () => {
  const node = await (await testNode()).open();
  const [root, data] = [
    await blankVolume(node),
    { ...(await blankVolume(node)), deviceName: '/dev/sdf', root: false },
  ];
  const spec = machineSpec([root, data]);
  await node.startMachine(spec);
  const volumes = [root, data].map(({ volumeId, layerId }) => ({
    volumeId,
    frozenLayerId: layerId,
    nextLayerId: newLayerId(),
  }));
  await node.snapshotVolumes({ instanceId: spec.instanceId, freeze: 'no', volumes });
  const after = (await node.machine({ instanceId: spec.instanceId })).volumes;
  expect(after.map(({ layerId }) => layerId)).toEqual(volumes.map(({ nextLayerId }) => nextLayerId));
});

test('takes none of the volumes when one of them can not be taken', async () => {
  const node = await (await testNode()).open();
  const { instanceId, volumeId, layerId } = await startBlank(node);
  const good = { volumeId, frozenLayerId: layerId, nextLayerId: newLayerId() };
  const strange = { volumeId: newId('vol'), frozenLayerId: newLayerId(), nextLayerId: newLayerId() };
  const both = { instanceId, freeze: 'no', volumes: [good, strange] } as const;
  await expect(node.snapshotVolumes(both)).rejects.toThrow(/not attached/);
  expect((await node.machine({ instanceId })).volumes.map((volume) => volume.layerId)).toEqual([layerId]);
  await expect(
    node.snapshotVolumes({ instanceId, freeze: 'require', volumes: [good] }),
  ).rejects.toMatchObject({
    kind: 'freeze-failed',
  });
  expect(await node.snapshotVolumes({ instanceId, freeze: 'no', volumes: [good] })).toMatchObject({
    freezeMs: 0,
  });
});

test('takes one instant for requests that come at once', async () => {
  const node = await (await testNode()).open();
  const { instanceId, volumeId, layerId } = await startBlank(node);
  const volumes = [{ volumeId, frozenLayerId: layerId, nextLayerId: newLayerId() }];
  const results = await Promise.all(
    [1, 2, 3].map(() => node.snapshotVolumes({ instanceId, freeze: 'try', volumes })),
  );
  expect(new Set(results.map(({ takenAt }) => takenAt)).size).toBe(1);
});

test('takes a stopped machine and a volume that nobody holds as they are', async () => {
  const node = await (await testNode()).open();
  const { instanceId, volumeId, layerId } = await startBlank(node);
  await node.stopMachine({ instanceId, deadlineMs: 0, force: true });
  const stopped = { volumeId, frozenLayerId: layerId, nextLayerId: newLayerId() };
  const first = await node.snapshotVolumes({ instanceId, freeze: 'try', volumes: [stopped] });
  expect(first.consistency).toBe('stopped');
  expect((await node.machine({ instanceId })).volumes[0]?.layerId).toBe(stopped.nextLayerId);
  await node.removeMachine({ instanceId });
  const request = {
    freeze: 'no',
    volumes: [{ volumeId, frozenLayerId: stopped.nextLayerId, nextLayerId: newLayerId() }],
  } as const;
  const second = await node.snapshotVolumes(request);
  expect(second.consistency).toBe('stopped');
  expect(await node.snapshotVolumes(request)).toEqual(second);
  // The machine has gone, its answer has not.
  expect(await node.snapshotVolumes({ instanceId, freeze: 'try', volumes: [stopped] })).toEqual(first);
});
