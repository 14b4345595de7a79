import { expect, test } from 'vitest';
import { inProcessBus } from '../platform/bus/in-process.ts';
import { type NodeId, newId } from '../platform/ids.ts';
import type { MachineSpec, MachineStatus } from './contract.ts';
import { connectNode, serveNode, watchNode } from './remote.ts';
import { openSimulatedNode } from './simulated/simulated-node.ts';

const nodeId = 'node-1' as NodeId;

test('a node across the bus answers as one beside', async () => {
  const { remote, local, spec } = await served();
  expect(await remote.startMachine(spec)).toEqual(await local.machine({ instanceId: spec.instanceId }));
  expect(await remote.facts()).toEqual(await local.facts());
});

test('a failure keeps its kind across the bus', async () => {
  const { remote } = await served();
  const unknown = newId('layer');
  await expect(remote.growLayer({ layerId: unknown, sizeBytes: 1 })).rejects.toMatchObject({
    name: 'NodeError',
    kind: 'unknown-layer',
  });
});

test("a machine's volume is imaged by its own subject, one that nobody holds by the node's", async () => {
  const { bus, remote, spec } = await served();
  await remote.startMachine(spec);
  const [volume] = spec.volumes;
  if (volume === undefined) throw new Error('no volume');
  const held = {
    freeze: 'try',
    volumes: [{ volumeId: volume.volumeId, frozenLayerId: volume.layerId, nextLayerId: newId('layer') }],
  } as const;
  expect(await bus.request(`ebs.snapshot.${volume.volumeId}`, held, { deadlineMs: 1_000 })).toMatchObject({
    consistency: 'filesystem',
  });
  const layerId = newId('layer');
  await remote.createLayer({ layerId, sizeBytes: 2 ** 30 });
  const loose = { volumeId: newId('vol'), frozenLayerId: layerId, nextLayerId: newId('layer') };
  expect(await remote.snapshotVolumes({ freeze: 'no', volumes: [loose] })).toMatchObject({
    consistency: 'stopped',
  });
});

test('its events reach who watches, and nobody after the end', async () => {
  const { bus, remote, local, spec, stop } = await served();
  const told: MachineStatus[] = [];
  await watchNode(bus, nodeId, (status) => told.push(status));
  await remote.startMachine(spec);
  local.crash(spec.instanceId);
  expect(told.map(({ state }) => state)).toEqual(['running', 'stopped']);
  await stop();
  await expect(remote.facts()).rejects.toMatchObject({ name: 'BusError', kind: 'no-responder' });
});

async function served() {
  const bus = inProcessBus();
  const local = openSimulatedNode({ nodeId });
  const stop = await serveNode(bus, nodeId, local);
  const layerId = newId('layer');
  await local.createLayer({ layerId, sizeBytes: 2 ** 30 });
  const spec: MachineSpec = {
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
    seed: { hostname: 'h', publicKeys: [], region: 'us-east-1', availabilityZone: 'us-east-1a' },
  };
  return { bus, local, stop, spec, remote: connectNode(bus, nodeId) };
}
