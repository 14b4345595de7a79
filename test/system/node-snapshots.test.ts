import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SnapshotRequest } from '../../src/node/contract.ts';
import { findQemu, killQemu } from '../../src/node/qemu/process.ts';
import { newLayerId, startBlank, testNode } from './node-kit.ts';

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
