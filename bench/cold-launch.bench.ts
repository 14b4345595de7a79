/**
 * A machine's first start from an image whose layer is not here, until SSH answers, beside one whose layer is: with
 * nothing known of its boots, and with the blocks that an earlier boot touched fetched first. In turn, round by round.
 */
import { join } from 'node:path';
import { type OpenNode, openNode } from '../src/node/node.ts';
import { type ImageId, type LayerId, type NodeId, newId, type SnapshotId } from '../src/platform/ids.ts';
import { silentLog } from '../src/platform/log.ts';
import { key, shellOf, tinyBase } from '../test/system/node-guest-kit.ts';
import { killMachines, machineSpec, newLayerId, volume } from '../test/system/node-kit.ts';
import { region, vaultsIn } from '../test/system/node-vault-folders.ts';
import { rested } from '../test/system/node-vault-kit.ts';
import type { Report } from './frame/report.ts';
import { runBench } from './frame/run-bench.ts';
import { figure, median, ratios, withSpread } from './frame/statistics.ts';

/** So slow that a boot reads from the vault all along; the background would have brought the small image at once. */
const slowBytesPerSecond = 256 * 1024;

interface Stored {
  readonly layerId: LayerId;
  readonly snapshotId: SnapshotId;
  readonly sizeBytes: number;
}

await runBench('cold-launch', async (frame): Promise<Report> => {
  const rounds = frame.quick ? 1 : 3;
  const directory = join(frame.folder, 'node');
  const vaults = vaultsIn(frame.folder);
  const open = (options: { readonly fetchBytesPerSecond?: number } = {}) =>
    openNode({ nodeId: 'node-1' as NodeId, directory, log: silentLog, vaults, ...options });
  frame.undo(async () => {
    for (const vault of vaults.values()) await vault.close();
  });
  frame.undo(() => killMachines(directory));
  const seconds = {
    local: [] as number[],
    cold: [] as number[],
    traced: [] as number[],
    demand: [] as number[],
  };
  let stored: Stored | undefined;
  for (let round = 0; round < rounds; round++) {
    const node = await open();
    stored ??= await store(node);
    const fresh = newId('ami');
    seconds.local.push(await launch(node, stored));
    await evict(node, stored);
    seconds.cold.push(await launch(node, stored, fresh));
    await evict(node, stored);
    seconds.traced.push(await launch(node, stored, fresh));
    await evict(node, stored);
    await node.close();
    const slow = await open({ fetchBytesPerSecond: slowBytesPerSecond });
    seconds.demand.push(await launch(slow, stored, newId('ami')));
    await evict(slow, stored);
    await slow.fetchLayer({ ...stored, region });
    await slow.close();
    frame.say(`${round + 1} of ${rounds}`);
  }
  const row = (what: string, values: readonly number[]) => [
    what,
    String(values.length),
    withSpread(values),
    figure(median(ratios(seconds.local, values))),
  ];
  return {
    title: 'Cold launch: from an evicted layer until SSH answers',
    method: [
      'The tiny image, one processor and 256 MiB, through the node’s contract: fetchLayer, an overlay, a start; until a login over SSH succeeds.',
      'The layer is deleted before every cold launch. Its blocks come from the vault’s folder on the same disk, through NBD, while the rest is fetched behind that at 64 MiB/s; from there on it is a local file.',
      `The last row fetches at ${slowBytesPerSecond / 1024} KiB/s, so that the whole boot reads from the vault.`,
    ],
    tables: [
      {
        caption: 'Seconds; median (least–most), and times the local launch of the same round.',
        columns: ['layer', 'n', 'until SSH', '× local'],
        rows: [
          row('local', seconds.local),
          row('in the vault, first boot', seconds.cold),
          row('in the vault, what a boot touched first', seconds.traced),
          row('in the vault, only what is asked for', seconds.demand),
        ],
      },
    ],
  };
});

async function store(node: OpenNode): Promise<Stored> {
  const [layerId, snapshotId] = [newLayerId(), newId('snap')];
  const { virtualSizeBytes } = await node.importLayer({ layerId, file: await tinyBase() });
  const { state, reason } = await rested(() =>
    node.ingestSnapshot({ region, snapshotId, layerId, details: {} }),
  );
  if (state !== 'completed') throw new Error(`the ingest ended ${state}: ${reason}`);
  return { layerId, snapshotId, sizeBytes: virtualSizeBytes };
}

async function launch(
  node: OpenNode,
  { layerId, snapshotId, sizeBytes }: Stored,
  imageId?: ImageId,
): Promise<number> {
  const overlay = newLayerId();
  const before = performance.now();
  await node.fetchLayer({ layerId, region, snapshotId, ...(imageId === undefined ? {} : { imageId }) });
  await node.createLayer({ layerId: overlay, parentLayerId: layerId, sizeBytes });
  const spec = machineSpec([volume(overlay)], { memoryMiB: 256 });
  const status = await node.startMachine({ ...spec, seed: { ...spec.seed, publicKeys: [key.publicKey] } });
  const shell = await shellOf(status);
  const seconds = (performance.now() - before) / 1000;
  shell.close();
  if (imageId !== undefined) await node.recordBoot({ layerId, imageId });
  await node.removeMachine({ instanceId: spec.instanceId });
  await node.deleteLayers({ layerIds: [overlay] });
  return seconds;
}

async function evict(node: OpenNode, { layerId }: Stored): Promise<void> {
  const [gone] = await node.deleteLayers({ layerIds: [layerId] });
  if (gone !== layerId) throw new Error(`${layerId} is still used`);
}
