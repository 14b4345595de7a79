/** A real guest that boots from a vault: its server is killed, its vault goes away, and it notices neither. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { MachineSpec } from '../../src/node/contract.ts';
import { newId } from '../../src/platform/ids.ts';
import { key, shellOf, tinyBase } from './node-guest-kit.ts';
import { machineSpec, newLayerId, volume } from './node-kit.ts';
import type { LazyLaunch } from './node-vault-child.ts';
import {
  independent,
  region,
  rested,
  slowBytesPerSecond,
  type VaultHome,
  vaultHome,
} from './node-vault-kit.ts';

const details = {};
const dataBytes = 24 * 2 ** 20;

test('a guest boots from the vault, stands still while its server is dead, and goes on without either', async () => {
  const home = await vaultHome();
  const { layers, digest } = await storeAndEvict(home);
  const launch = lazyLaunch(layers);
  await killedWhileItBoots(home, launch);

  const second = await home.open({ fetchBytesPerSecond: slowBytesPerSecond });
  const status = await second.machine({ instanceId: launch.spec.instanceId });
  expect(status).toMatchObject({ state: 'running' });
  const shell = await shellOf(status);
  expect(await shell.run(hashOfData(launch))).toContain(digest);
  const [root] = layers;
  if (root === undefined) throw new Error('no root layer');
  const imageId = newId('ami');
  await second.recordBoot({ layerId: root.layerId, imageId });
  const trace = await readFile(join(home.vaultDirectory, region, 'images', imageId, 'boot-trace'), 'utf8');
  expect(JSON.parse(trace)).toMatchObject({ snapshots: { [root.snapshotId]: { boots: 1 } } });

  // What the guest writes meanwhile can be imaged and stored as what it adds.
  await shell.run('echo kept > /home/ec2-user/kept; sync');
  const overlay = launch.overlays[0];
  const volumeId = launch.spec.volumes[0]?.volumeId;
  if (overlay === undefined || volumeId === undefined) throw new Error('no root volume');
  const nextLayerId = newLayerId();
  await second.snapshotVolumes({
    instanceId: launch.spec.instanceId,
    freeze: 'try',
    volumes: [{ volumeId, frozenLayerId: overlay, nextLayerId }],
  });
  const addition = { region, snapshotId: newId('snap'), layerId: overlay, parent: root, details };
  const stored = await rested(() => second.ingestSnapshot(addition));
  expect(stored).toMatchObject({ state: 'completed' });
  shell.close();
  await second.close();

  const third = await home.open();
  for (const { layerId } of layers) await independent(home, layerId);
  await rename(home.vaultDirectory, `${home.vaultDirectory}.gone`);
  const alone = await shellOf(await third.machine({ instanceId: launch.spec.instanceId }));
  await alone.run('echo 3 | sudo tee /proc/sys/vm/drop_caches');
  expect(await alone.run(hashOfData(launch))).toContain(digest);
  alone.close();
  await third.stopMachine({ instanceId: launch.spec.instanceId, deadlineMs: 60_000, force: false });
  const volumes = launch.spec.volumes.map((each) =>
    each.volumeId === volumeId ? { ...each, layerId: nextLayerId } : each,
  );
  const again = await shellOf(await third.startMachine({ ...launch.spec, volumes }));
  expect(await again.run('cat /home/ec2-user/kept')).toBe('kept');
  again.close();
});

/** A root of the small image and a data volume, both in the vault alone; what the data volume's content hashes to. */
async function storeAndEvict(home: VaultHome) {
  const node = await home.open();
  const data = join(home.directory, 'data.raw');
  execFileSync('sh', ['-c', `head -c ${dataBytes} /dev/urandom > ${data}`]);
  const digest = String(execFileSync('sha256sum', [data])).slice(0, 64);
  const layers: LazyLaunch['layers'][number][] = [];
  for (const file of [await tinyBase(), data]) {
    const [layerId, snapshotId] = [newLayerId(), newId('snap')];
    await node.importLayer({ layerId, file });
    expect(await rested(() => node.ingestSnapshot({ region, snapshotId, layerId, details }))).toMatchObject({
      state: 'completed',
    });
    layers.push({ layerId, snapshotId });
  }
  await node.deleteLayers({ layerIds: layers.map(({ layerId }) => layerId) });
  expect((await readdir(join(home.directory, 'layers'))).length).toBe(0);
  await node.close();
  return { layers, digest };
}

function lazyLaunch(layers: LazyLaunch['layers']): LazyLaunch {
  const overlays = [newLayerId(), newLayerId()] as const;
  const volumes = [volume(overlays[0]), volume(overlays[1], { deviceName: '/dev/sdf', root: false })];
  const spec: MachineSpec = machineSpec(volumes, { memoryMiB: 256 });
  return { layers, overlays, spec: { ...spec, seed: { ...spec.seed, publicKeys: [key.publicKey] } } };
}

/** The guest finds a volume by its serial, whatever its letter is. */
function hashOfData({ spec }: LazyLaunch): string {
  const serial = spec.volumes[1]?.volumeId.replace('-', '');
  return `sudo sha256sum /dev/$(basename $(dirname $(grep -l ${serial} /sys/block/vd*/serial)))`;
}

async function killedWhileItBoots(home: VaultHome, launch: LazyLaunch): Promise<void> {
  const script = join(import.meta.dirname, 'node-vault-child.ts');
  const child = spawn(process.execPath, [script, home.directory, JSON.stringify(launch)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await once(child.stdout, 'data');
  expect(String(said)).toBe('started\n');
  child.kill('SIGKILL');
  await once(child, 'exit');
}
