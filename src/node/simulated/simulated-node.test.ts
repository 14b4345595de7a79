import { expect, test } from 'vitest';
import { type InstanceId, type LayerId, type NodeId, newId } from '../../platform/ids.ts';
import type { MachineSpec, MachineStatus } from '../contract.ts';
import { openSimulatedNode } from './simulated-node.ts';

const gibibyte = 2 ** 30;

test('runs, snapshots and stops a machine as the real node does', async () => {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const spec = await machineWithDisk(node);
  expect(await node.startMachine(spec)).toMatchObject({ state: 'running', agent: 'answering' });
  const [volume] = spec.volumes;
  if (volume === undefined) throw new Error('no volume');
  const nextLayerId = newId('layer');
  const request = {
    instanceId: spec.instanceId,
    freeze: 'try',
    volumes: [{ volumeId: volume.volumeId, frozenLayerId: volume.layerId, nextLayerId }],
  } as const;
  const result = await node.snapshotVolumes(request);
  expect(result.consistency).toBe('filesystem');
  expect(await node.snapshotVolumes(request)).toEqual(result);
  const { volumes } = await node.machine({ instanceId: spec.instanceId });
  expect(volumes[0]?.layerId).toBe(nextLayerId);
  expect(await node.deleteLayers({ layerIds: [volume.layerId, nextLayerId] })).toEqual([]);
  await node.removeMachine({ instanceId: spec.instanceId });
  expect(await node.deleteLayers({ layerIds: [volume.layerId, nextLayerId] })).toHaveLength(2);
});

test('fails the command that the user data names, with the kind it names', async () => {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const spec = await machineWithDisk(node, '#!/bin/sh\n# ingot-simulate: start=no-capacity\n');
  await expect(node.startMachine(spec)).rejects.toMatchObject({ name: 'NodeError', kind: 'no-capacity' });
});

test('tells of a machine that crashed', async () => {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const spec = await machineWithDisk(node);
  await node.startMachine(spec);
  const told: MachineStatus[] = [];
  node.onMachineChanged((status) => told.push(status));
  node.crash(spec.instanceId);
  expect(told).toMatchObject([{ state: 'stopped', stopReason: 'crashed' }]);
});

test('finds the disk full for a volume of 666 GiB', async () => {
  const node = openSimulatedNode({ nodeId: 'node-1' as NodeId });
  const layerId = newId('layer');
  await expect(node.createLayer({ layerId, sizeBytes: 666 * gibibyte })).rejects.toMatchObject({
    kind: 'disk-full',
  });
});

async function machineWithDisk(
  node: ReturnType<typeof openSimulatedNode>,
  userData = '',
): Promise<MachineSpec & { readonly instanceId: InstanceId }> {
  const layerId: LayerId = newId('layer');
  await node.createLayer({ layerId, sizeBytes: gibibyte });
  return {
    instanceId: newId('i'),
    architecture: 'x86_64',
    firmware: 'bios',
    cpus: 1,
    memoryMiB: 512,
    volumes: [{ volumeId: newId('vol'), layerId, deviceName: '/dev/sda1', root: true }],
    network: {
      macAddress: '02:00:00:00:00:01',
      privateAddress: '172.31.0.10',
      subnet: '172.31.0.0/20',
      ports: [],
    },
    seed: {
      hostname: 'ip-172-31-0-10',
      publicKeys: [],
      region: 'us-east-1',
      availabilityZone: 'us-east-1a',
      userData: new TextEncoder().encode(userData),
    },
  };
}
