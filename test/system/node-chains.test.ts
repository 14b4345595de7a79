import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../../src/node/deadline.ts';
import { longestChain } from '../../src/node/disks/shorten-chain.ts';
import type { OpenNode } from '../../src/node/node.ts';
import { volumeBackend } from '../../src/node/qemu/devices.ts';
import { connectQmp } from '../../src/node/qemu/qmp.ts';
import type { InstanceId, LayerId, VolumeId } from '../../src/platform/ids.ts';
import { newLayerId, startBlank, type TestHome, testNode } from './node-kit.ts';

interface Written {
  readonly home: TestHome;
  readonly node: OpenNode;
  readonly instanceId: InstanceId;
  readonly volumeId: VolumeId;
  /** The lowest first; the last one is being written. */
  readonly layers: readonly LayerId[];
  readonly spec: Awaited<ReturnType<typeof startBlank>>['spec'];
}

const marks = Array.from({ length: longestChain }, (_, index) => index + 1);

/**
 * Parts of one cluster in each layer, and one part in all of them. The written layer has the first part: QEMU
 * before 8.1 dies of streaming into such a cluster.
 */
const partOf = (mark: number) => `${(longestChain - mark) * 12}k 4k`;
const writes = (mark: number) => [`write -P ${mark} ${partOf(mark)}`, `write -P ${mark} 1m 4k`];
const reads = [
  ...marks.map((mark) => `read -P ${mark} ${partOf(mark)}`),
  `read -P ${longestChain} 1m 4k`,
  'read -P 0 1028k 60k',
  'read -P 0 2m 64k',
];

/** So that the copy takes some seconds. */
const muchInTheFourth = (mark: number) => (mark === 4 ? ['write -P 4 0 384m'] : []);

test('a long chain becomes short while the machine runs, and no frozen layer changes', async () => {
  const machine = await longChain(writes);
  const { home, node, instanceId, volumeId, layers } = machine;
  const [active, frozen] = [layers.at(-1), layers.slice(0, -1)];
  const before = frozen.map((layer) => checksum(home, layer));
  expect((await depths(node)).get(written(active))).toBe(longestChain);

  await node.shortenChains();
  expect(await shorter(node, written(active))).toBe(5);
  const copied = frozen.slice(3);
  const told = async () => {
    const left = await node.shortenChains();
    return left.length === 0 ? undefined : left;
  };
  const left = await until(told, { deadlineMs: 30_000, what: 'word of what is left' });
  expect([...left].sort()).toEqual([...copied].sort());
  expect(await node.shortenChains()).toEqual([]);
  expect(frozen.map((layer) => checksum(home, layer))).toEqual(before);
  await expectAllRead(machine);

  // The layers that were copied are let go, a snapshot right after works, and so does a start from the headers.
  const again = await home.open();
  const next = await snapshot(again, instanceId, volumeId, written(active));
  expect((await depths(again)).get(next)).toBe(6);
  expect(await again.deleteLayers({ layerIds: copied })).toHaveLength(copied.length);
  await startAgain(machine, again);
  await expectAllRead({ ...machine, node: again });
});

test('a chain that QEMU found in the headers becomes short too', async () => {
  const machine = await longChain(writes);
  await startAgain(machine, machine.node);
  await machine.node.shortenChains();
  expect(await shorter(machine.node, written(machine.layers.at(-1)))).toBe(5);
  await expectAllRead(machine);
});

test('a copy under way gives way to a snapshot, and leaves nothing behind', async () => {
  const { home, node, instanceId, volumeId, layers } = await longChain(muchInTheFourth);
  await node.shortenChains();
  const next = await snapshot(node, instanceId, volumeId, layers.at(-1));
  const expected = [...layers, next].map((layer) => `${layer}.qcow2`).sort();
  await until(async () => (String(await layerFiles(home)) === String(expected) ? true : undefined), {
    deadlineMs: 30_000,
    what: 'the end of the copy',
  });
  expect((await depths(node)).get(next)).toBe(longestChain + 1);
});

test('a server that dies during a copy leaves the chain as it was, and the next one makes it short', async () => {
  const machine = await longChain(muchInTheFourth);
  await machine.node.shortenChains();
  await until(async () => ((await layerFiles(machine.home)).length > longestChain ? true : undefined), {
    deadlineMs: 30_000,
    what: 'the copy',
  });
  await machine.node.close();
  const node = await machine.home.open();
  expect(await layerFiles(machine.home)).toHaveLength(longestChain);
  await node.shortenChains();
  expect(await shorter(node, written(machine.layers.at(-1)))).toBe(5);
});

/** A machine whose disk has as many layers as make it too long, with marks in each. */
async function longChain(commands: (mark: number) => readonly string[]): Promise<Written> {
  const home = await testNode();
  let node = await home.open();
  const { instanceId, volumeId, layerId, spec } = await startBlank(node);
  const layers = [layerId];
  for (const mark of marks) {
    if (mark > 1) layers.push(await snapshot(node, instanceId, volumeId, layers.at(-1)));
    await node.close();
    await onDisk(home, instanceId, volumeId, commands(mark));
    node = await home.open();
  }
  return { home, node, instanceId, volumeId, layers, spec };
}

async function expectAllRead({ home, node, instanceId, volumeId }: Written): Promise<void> {
  await node.close();
  await onDisk(home, instanceId, volumeId, reads);
}

/** Reads and writes as the machine's own device. No node may have the home open: QEMU hears one at a time. */
async function onDisk(
  { directory }: TestHome,
  instanceId: InstanceId,
  volumeId: VolumeId,
  commands: readonly string[],
): Promise<void> {
  const folder = join(directory, 'instances', instanceId);
  const qmp = await connectQmp(join(folder, 'qmp.sock'), 10_000);
  for (const command of commands) {
    await qmp.execute('human-monitor-command', {
      'command-line': `qemu-io -d ${volumeBackend(volumeId)} "${command}"`,
    });
  }
  qmp.close();
  expect(await readFile(join(folder, 'qemu.log'), 'utf8')).not.toMatch(/fail|error/i);
}

async function startAgain({ instanceId, spec }: Written, node: OpenNode): Promise<void> {
  await node.stopMachine({ instanceId, deadlineMs: 0, force: true });
  const { volumes } = await node.machine({ instanceId });
  await node.startMachine({ ...spec, volumes });
}

async function snapshot(
  node: OpenNode,
  instanceId: InstanceId,
  volumeId: VolumeId,
  frozenLayerId: LayerId | undefined,
): Promise<LayerId> {
  const nextLayerId = newLayerId();
  await node.snapshotVolumes({
    instanceId,
    freeze: 'no',
    volumes: [{ volumeId, frozenLayerId: written(frozenLayerId), nextLayerId }],
  });
  return nextLayerId;
}

async function shorter(node: OpenNode, layerId: LayerId): Promise<number | undefined> {
  return await until(
    async () => {
      const depth = (await depths(node)).get(layerId);
      return depth === longestChain ? undefined : depth;
    },
    { deadlineMs: 60_000, everyMs: 20, what: 'a shorter chain' },
  );
}

async function depths(node: OpenNode): Promise<ReadonlyMap<LayerId, number>> {
  return new Map((await node.listLayers()).map(({ layerId, depth }) => [layerId, depth]));
}

async function layerFiles({ directory }: TestHome): Promise<readonly string[]> {
  return (await readdir(join(directory, 'layers'))).sort();
}

function checksum({ directory }: TestHome, layerId: LayerId): string {
  return String(execFileSync('sha256sum', [join(directory, 'layers', `${layerId}.qcow2`)]));
}

function written(layerId: LayerId | undefined): LayerId {
  if (layerId === undefined) throw new Error('no layer');
  return layerId;
}
