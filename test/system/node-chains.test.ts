import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../src/node/deadline.ts';
import { longestChain } from '../../src/node/disks/shorten-chain.ts';
import type { OpenNode } from '../../src/node/node.ts';
import type { InstanceId, LayerId, VolumeId } from '../../src/platform/ids.ts';
import { newLayerId, startBlank, testNode } from './node-kit.ts';

test('a long chain becomes short while the machine runs, and no frozen layer changes', async () => {
  const home = await testNode();
  const node = await home.open();
  const { instanceId, volumeId, layerId } = await startBlank(node);
  const layers = [layerId];
  while (layers.length < longestChain) layers.push(await snapshot(node, instanceId, volumeId, layers.at(-1)));
  const [bottom = layerId] = layers;
  const active = layers.at(-1);
  const frozen = layers.slice(0, -1);
  const before = frozen.map((layer) => checksum(home.directory, layer));
  expect((await depths(node)).get(active ?? bottom)).toBe(longestChain);

  await node.shortenChains();
  const depth = await until(
    async () => {
      const now = (await depths(node)).get(active ?? bottom);
      return now === longestChain ? undefined : now;
    },
    { deadlineMs: 30_000, what: 'a shorter chain' },
  );
  expect(depth).toBe(5);
  expect(frozen.map((layer) => checksum(home.directory, layer))).toEqual(before);

  // The merged layers are let go, and a snapshot right after works.
  await node.shortenChains();
  const next = await snapshot(node, instanceId, volumeId, active);
  expect((await depths(node)).get(next)).toBe(6);
  const merged = frozen.slice(4);
  expect(await node.deleteLayers({ layerIds: merged })).toHaveLength(merged.length);
});

test('a chain that QEMU found in the headers becomes short too', async () => {
  const home = await testNode();
  const node = await home.open();
  const { instanceId, volumeId, layerId, spec } = await startBlank(node);
  let active = layerId;
  for (let depth = 1; depth < longestChain; depth++)
    active = await snapshot(node, instanceId, volumeId, active);
  await node.stopMachine({ instanceId, deadlineMs: 0, force: true });
  const { volumes } = await node.machine({ instanceId });
  await node.startMachine({ ...spec, volumes });
  await node.shortenChains();
  await until(async () => ((await depths(node)).get(active) === 5 ? true : undefined), {
    deadlineMs: 30_000,
    what: 'a shorter chain',
  });
});

async function snapshot(
  node: OpenNode,
  instanceId: InstanceId,
  volumeId: VolumeId,
  frozenLayerId: LayerId | undefined,
): Promise<LayerId> {
  if (frozenLayerId === undefined) throw new Error('no layer');
  const nextLayerId = newLayerId();
  await node.snapshotVolumes({
    instanceId,
    freeze: 'no',
    volumes: [{ volumeId, frozenLayerId, nextLayerId }],
  });
  return nextLayerId;
}

async function depths(node: OpenNode): Promise<ReadonlyMap<LayerId, number>> {
  return new Map((await node.listLayers()).map(({ layerId, depth }) => [layerId, depth]));
}

function checksum(directory: string, layerId: LayerId): string {
  return String(execFileSync('sha256sum', [join(directory, 'layers', `${layerId}.qcow2`)]));
}
