/** Layers go to a vault and come back from it, without an operating system: QEMU and its disks are all there is. */
import { execFileSync } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newId } from '../../src/platform/ids.ts';
import { blankVolume, gibibyte, machineSpec, newLayerId, startBlank, volume } from './node-kit.ts';
import { elsewhere, independent, type OpenNode, region, rested, vaultHome } from './node-vault-kit.ts';

const details = { description: 'a test' };

test('a frozen layer goes to the vault, and its child by what it adds', async () => {
  const home = await vaultHome();
  const node = await home.open();
  const { parent, child } = await twoFrozenLayers(home.directory, node);
  const first = { region, snapshotId: newId('snap'), layerId: parent, details };
  expect(await rested(() => node.ingestSnapshot(first))).toMatchObject({
    state: 'completed',
    bytesTotal: 16 * 2 ** 20,
  });
  const second = { region, snapshotId: newId('snap'), layerId: child, parent: first, details };
  const status = await rested(() => node.ingestSnapshot(second));
  expect(status).toMatchObject({ state: 'completed', bytesTotal: 2 ** 20 });
  expect(await node.ingestSnapshot(second)).toEqual(status);
  expect(await node.listStoredSnapshots({ region })).toHaveLength(2);
});

test('a child whose parent the vault does not hold is stored whole', async () => {
  const home = await vaultHome();
  const node = await home.open();
  const { parent, child } = await twoFrozenLayers(home.directory, node);
  const orphan = {
    region,
    snapshotId: newId('snap'),
    layerId: child,
    parent: { snapshotId: newId('snap'), layerId: parent },
    details,
  };
  expect(await rested(() => node.ingestSnapshot(orphan))).toMatchObject({ bytesTotal: 16.5 * 2 ** 20 });
});

test('a layer cannot be deleted while it is read, and its ingest can be cancelled', async () => {
  const home = await vaultHome();
  const reading = Promise.withResolvers<void>();
  const letGo = Promise.withResolvers<void>();
  const node = await home.open({
    async faults(point) {
      if (point !== 'ingest:begun') return;
      reading.resolve();
      await letGo.promise;
    },
  });
  const { parent, child } = await twoFrozenLayers(home.directory, node);
  const request = { region, snapshotId: newId('snap'), layerId: child, details };
  expect(await node.ingestSnapshot(request)).toMatchObject({ state: 'running' });
  await reading.promise;
  expect(await node.deleteLayers({ layerIds: [child, parent] })).toEqual([]);
  const cancelled = node.cancelTransfer(request);
  letGo.resolve();
  await cancelled;
  expect(await node.listStoredSnapshots({ region })).toEqual([]);
  expect(await node.deleteLayers({ layerIds: [child, parent] })).toEqual([child, parent]);
  await expect(node.ingestSnapshot(request)).rejects.toMatchObject({ kind: 'unknown-layer' });
});

test('a copy to another region moves what is missing there, and outlives its source', async () => {
  const home = await vaultHome();
  const node = await home.open();
  const { parent, child } = await twoFrozenLayers(home.directory, node);
  const [one, two, copyOfOne, copyOfTwo] = [newId('snap'), newId('snap'), newId('snap'), newId('snap')];
  await rested(() => node.ingestSnapshot({ region, snapshotId: one, layerId: parent, details }));
  await rested(() => node.ingestSnapshot({ region, snapshotId: two, layerId: child, details }));
  const copy = (snapshotId: typeof one, copyId: typeof one) =>
    rested(() => node.copySnapshot({ fromRegion: region, snapshotId, toRegion: elsewhere, copyId, details }));
  const first = await copy(one, copyOfOne);
  const second = await copy(two, copyOfTwo);
  expect(first).toMatchObject({ state: 'completed' });
  expect(second.bytesStored).toBeLessThan(first.bytesStored ?? 0);
  await node.deleteStoredSnapshots({ region, snapshotIds: [one, two] });
  const layerId = newLayerId();
  await node.fetchLayer({ layerId, region: elsewhere, snapshotId: copyOfTwo });
  await independent(home, layerId);
  sameDisk(home.directory, layerId, child);
});

test('an evicted layer comes back under its id, and machines that share it go on without the vault', async () => {
  const home = await vaultHome();
  const node = await home.open();
  const { parent, child } = await twoFrozenLayers(home.directory, node);
  const snapshotId = newId('snap');
  await rested(() => node.ingestSnapshot({ region, snapshotId, layerId: child, details }));
  expect(await node.deleteLayers({ layerIds: [child, parent] })).toHaveLength(2);
  const promised = await node.fetchLayer({ layerId: child, region, snapshotId });
  expect(promised).toMatchObject({ depth: 1, fetching: true });
  const machines = [await startOver(node, child), await startOver(node, child)];
  await independent(home, child);
  await rename(home.vaultDirectory, `${home.vaultDirectory}.gone`);
  for (const { instanceId } of machines) {
    expect(await node.machine({ instanceId })).toMatchObject({ state: 'running' });
    await node.stopMachine({ instanceId, deadlineMs: 0, force: true });
  }
  await node.close();
  const again = await home.open();
  for (const spec of machines) expect(await again.startMachine(spec)).toMatchObject({ state: 'running' });
  const layers = await again.listLayers();
  const whole = layers.find(({ layerId }) => layerId === child);
  expect(whole).toMatchObject({ depth: 1 });
  expect(whole).not.toHaveProperty('fetching');
  qemuIo(home.directory, child, 'read -P 0x11 1M 1M', 'read -P 0x22 3M 64k');
});

test('a node that is opened anew goes on with what it was fetching', async () => {
  const home = await vaultHome();
  const before = await home.open();
  const { parent, child } = await twoFrozenLayers(home.directory, before);
  const snapshotId = newId('snap');
  await rested(() => before.ingestSnapshot({ region, snapshotId, layerId: child, details }));
  await before.deleteLayers({ layerIds: [child, parent] });
  await before.fetchLayer({ layerId: child, region, snapshotId });
  const spec = await startOver(before, child);
  await before.close();
  const after = await home.open();
  expect(await after.machine({ instanceId: spec.instanceId })).toMatchObject({ state: 'running' });
  await independent(home, child);
  qemuIo(home.directory, child, 'read -P 0x11 1M 1M', 'read -P 0x22 3M 64k');
});

test('a node that was killed when the layer was whole needs the vault for nothing', async () => {
  const home = await vaultHome();
  const killed = Promise.withResolvers<never>();
  const published = Promise.withResolvers<void>();
  const before = await home.open({
    faults(point) {
      if (point !== 'fetch:published') return;
      published.resolve();
      return killed.promise;
    },
  });
  const { parent, child } = await twoFrozenLayers(home.directory, before);
  const snapshotId = newId('snap');
  await rested(() => before.ingestSnapshot({ region, snapshotId, layerId: child, details }));
  await before.deleteLayers({ layerIds: [child, parent] });
  await before.fetchLayer({ layerId: child, region, snapshotId });
  await published.promise;
  killed.reject(new Error('killed'));
  await before.close();
  await rename(home.vaultDirectory, `${home.vaultDirectory}.gone`);
  const after = await home.open();
  await independent(home, child);
  expect(await startOver(after, child)).toBeDefined();
});

test('a snapshot that is deleted while a layer is fetched from it goes when the layer is whole', async () => {
  const home = await vaultHome();
  const node = await home.open();
  const { parent, child } = await twoFrozenLayers(home.directory, node);
  const snapshotId = newId('snap');
  await rested(() => node.ingestSnapshot({ region, snapshotId, layerId: child, details }));
  await node.deleteLayers({ layerIds: [child, parent] });
  await node.fetchLayer({ layerId: child, region, snapshotId });
  await node.deleteStoredSnapshots({ region, snapshotIds: [snapshotId] });
  expect(await node.listStoredSnapshots({ region })).toEqual([]);
  await independent(home, child);
  await expect(node.fetchLayer({ layerId: newLayerId(), region, snapshotId })).rejects.toMatchObject({
    kind: 'unknown-snapshot',
  });
  qemuIo(home.directory, child, 'read -P 0x11 1M 1M', 'read -P 0x22 3M 64k');
});

test("a running machine's snapshot is stored while it goes on writing", async () => {
  const home = await vaultHome();
  const node = await home.open();
  const { instanceId, volumeId, layerId } = await startBlank(node);
  const nextLayerId = newLayerId();
  await node.snapshotVolumes({
    instanceId,
    freeze: 'no',
    volumes: [{ volumeId, frozenLayerId: layerId, nextLayerId }],
  });
  const snapshotId = newId('snap');
  const stored = await rested(() => node.ingestSnapshot({ region, snapshotId, layerId, details }));
  expect(stored).toMatchObject({ state: 'completed' });
  await expect(
    node.ingestSnapshot({ region, snapshotId: newId('snap'), layerId: nextLayerId, details }),
  ).rejects.toThrow(/still being written/);
});

test('a flipped block is found, told with whom it harms, and repaired from the layer', async () => {
  const home = await vaultHome();
  const node = await home.open();
  const { child } = await twoFrozenLayers(home.directory, node);
  const snapshotId = newId('snap');
  await rested(() => node.ingestSnapshot({ region, snapshotId, layerId: child, details }));
  const chunks = join(home.vaultDirectory, region, 'chunks');
  const largest = `$(find ${chunks} -type f -printf '%s %p\\n' | sort -n | tail -1 | cut -d' ' -f2)`;
  execFileSync('sh', ['-c', `printf X | dd of=${largest} bs=1 seek=120 conv=notrunc status=none`]);
  const care = async (ask: () => ReturnType<OpenNode['verifyVault']>) => {
    for (;;) {
      const status = await ask();
      if (status.state !== 'running') return status;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  expect(await care(() => node.verifyVault({ region }))).toMatchObject({
    harms: [{ snapshots: [snapshotId] }],
  });
  const sources = [{ snapshotId, layerId: child }];
  expect(await care(() => node.repairVault({ region, sources }))).toMatchObject({
    repairedBlocks: 1,
    harms: [],
  });
  expect(await node.verifyVault({ region, restart: true })).toMatchObject({ state: 'running' });
  expect(await care(() => node.verifyVault({ region }))).toMatchObject({ state: 'completed', harms: [] });
});

/** 0x11 at 1 MiB and 15 MiB of a program below, 0x22 in 64 KiB at 3 MiB above. */
async function twoFrozenLayers(home: string, node: OpenNode) {
  const { layerId: parent } = await blankVolume(node, gibibyte);
  qemuIo(home, parent, 'write -P 0x11 1M 1M', `write -s ${process.execPath} 2M 15M`);
  const child = newLayerId();
  await node.createLayer({ layerId: child, parentLayerId: parent, sizeBytes: gibibyte });
  qemuIo(home, child, 'write -P 0x22 3M 64k', 'write -P 0x44 100M 4k');
  const written = newLayerId();
  await node.createLayer({ layerId: written, parentLayerId: child, sizeBytes: gibibyte });
  await node.deleteLayers({ layerIds: [written] });
  return { parent, child };
}

async function startOver(node: OpenNode, parentLayerId: ReturnType<typeof newLayerId>) {
  const layerId = newLayerId();
  await node.createLayer({ layerId, parentLayerId, sizeBytes: gibibyte });
  const spec = machineSpec([volume(layerId)]);
  await node.startMachine(spec);
  return spec;
}

function qemuIo(home: string, layerId: string, ...commands: readonly string[]): void {
  const file = join(home, 'layers', `${layerId}.qcow2`);
  const writes = commands.some((command) => command.startsWith('write'));
  const args = [...(writes ? [] : ['-r', '-U']), ...commands.flatMap((command) => ['-c', command]), file];
  expect(String(execFileSync('qemu-io', args, { stdio: 'pipe' }))).not.toMatch(/fail/i);
}

function sameDisk(home: string, one: string, other: string): void {
  const files = [one, other].map((layerId) => join(home, 'layers', `${layerId}.qcow2`));
  expect(String(execFileSync('qemu-img', ['compare', '-U', ...files], { stdio: 'pipe' }))).toMatch(
    /identical/,
  );
}
