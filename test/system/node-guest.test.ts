/** One machine with an operating system, from its first boot to an image of it that runs. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { MachineSpec, MachineStatus, VolumeSpec } from '../../src/node/contract.ts';
import { until } from '../../src/node/deadline.ts';
import type { OpenNode } from '../../src/node/node.ts';
import { newId } from '../../src/platform/ids.ts';
import { bootDeadlineMs, key, type Shell, shellOf, tinyBase } from './node-guest-kit.ts';
import { runKilled } from './node-killed-kit.ts';
import { gibibyte, machineSpec, makeHome, newLayerId, type TestHome, volume } from './node-kit.ts';

describe('a machine with a guest', () => {
  let home: TestHome;
  let node: OpenNode;
  let shell: Shell;
  let spec: MachineSpec;
  let root: VolumeSpec;
  let failed = false;
  const imageLayerId = newLayerId();

  beforeAll(async () => {
    home = await makeHome();
    node = await home.open();
    const base = newLayerId();
    await node.importLayer({ layerId: base, file: await tinyBase() });
    spec = await cloneOf(node, base);
    root = firstVolume(spec);
    shell = await shellOf(await node.startMachine(spec));
  });
  afterEach(({ task }) => {
    failed ||= task.result?.state === 'fail';
  });
  afterAll(async () => {
    shell?.close();
    await home.dispose({ keep: failed });
  });

  test('knows its own name, and its agent answers', async () => {
    expect(await shell.run('hostname')).toBe('ip-172-31-5-20');
    await until(async () => ((await status()).agent === 'answering' ? true : undefined), {
      deadlineMs: bootDeadlineMs,
      what: 'the agent',
    });
    const { output } = await node.console({ instanceId: spec.instanceId, maxBytes: 65_536 });
    expect(String(Buffer.from(output))).toContain('ingot:');
  });

  test('a snapshot holds all that was written before it, without a sync', async () => {
    await shell.run('echo before > /home/ec2-user/written');
    const result = await node.snapshotVolumes({
      instanceId: spec.instanceId,
      freeze: 'require',
      volumes: [{ volumeId: root.volumeId, frozenLayerId: root.layerId, nextLayerId: imageLayerId }],
    });
    expect(result.consistency).toBe('filesystem');
    expect(result.freezeMs).toBeGreaterThan(0);
    await shell.run('echo after > /home/ec2-user/written; sync');
  });

  test('a server that dies while the guest is frozen leaves it to the next one to thaw', async () => {
    const { instanceId } = spec;
    const volumes = [{ volumeId: root.volumeId, frozenLayerId: imageLayerId, nextLayerId: newLayerId() }];
    await node.close();
    const request = { instanceId, freeze: 'require', volumes } as const;
    await runKilled(home, 'snapshot:frozen', { name: 'snapshot', request });
    node = await home.open();
    // A write reaches the disk only in a guest that is not frozen.
    await shell.run('echo thawed > /home/ec2-user/thawed; sync');
    expect((await node.machine({ instanceId })).volumes.map(({ layerId }) => layerId)).toEqual([
      imageLayerId,
    ]);
    expect(await node.snapshotVolumes(request)).toMatchObject({ consistency: 'filesystem' });
  });

  test('takes a volume while it runs, sees it grow, and lets it go', async () => {
    const { instanceId } = spec;
    const layerId = newLayerId();
    await node.createLayer({ layerId, sizeBytes: gibibyte });
    const data = volume(layerId, { deviceName: '/dev/sdf', root: false });
    await node.attachVolume({ instanceId, volume: data });
    const disk = await until(() => diskWithSerial(data.volumeId), {
      deadlineMs: 60_000,
      everyMs: 200,
      what: 'the disk',
    });
    expect(await sizeOf(disk)).toBe(gibibyte);
    await node.growLayer({ layerId, sizeBytes: 2 * gibibyte, instanceId });
    await until(async () => ((await sizeOf(disk)) === 2 * gibibyte ? true : undefined), {
      deadlineMs: 30_000,
      everyMs: 200,
      what: 'the larger disk',
    });
    const detached = await node.detachVolume({ instanceId, volumeId: data.volumeId, force: false });
    expect(detached.volumes.map(({ volumeId }) => volumeId)).toEqual([root.volumeId]);
    expect(await diskWithSerial(data.volumeId)).toBeUndefined();
    expect(await node.deleteLayers({ layerIds: [layerId] })).toEqual([layerId]);
  });

  test('reboots in its own process, and keeps its address', async () => {
    const { publicAddress } = await status();
    const before = await shell.run('cat /proc/sys/kernel/random/boot_id');
    shell.close();
    expect(await node.rebootMachine({ instanceId: spec.instanceId, deadlineMs: 60_000 })).toMatchObject({
      publicAddress,
    });
    shell = await shellOf(await status());
    expect(await shell.run('cat /proc/sys/kernel/random/boot_id')).not.toBe(before);
  });

  test('tells that the guest shut itself down', async () => {
    const stopped = new Promise<MachineStatus>((resolve) => {
      node.onMachineChanged((changed) => changed.state === 'stopped' && resolve(changed));
    });
    // The connection may go before the command's status comes.
    await shell.run('sudo poweroff').catch(() => undefined);
    expect(await stopped).toMatchObject({ stopReason: 'guest-shutdown' });
  });

  test('a machine made from the snapshot is another machine with the same files', async () => {
    await node.removeMachine({ instanceId: spec.instanceId });
    const clone = await cloneOf(node, root.layerId);
    shell = await shellOf(await node.startMachine(clone));
    expect(await shell.run('cat /home/ec2-user/written')).toBe('before');
    const ended = await node.stopMachine({ instanceId: clone.instanceId, deadlineMs: 60_000, force: false });
    expect(ended).toMatchObject({ state: 'stopped', stopReason: 'requested' });
    const { output } = await node.console({ instanceId: clone.instanceId, maxBytes: 4_096 });
    expect(String(Buffer.from(output))).toContain('file systems are at rest');
  });

  async function status(): Promise<MachineStatus> {
    return node.machine({ instanceId: spec.instanceId });
  }

  async function diskWithSerial(volumeId: string): Promise<string | undefined> {
    const found = await shell.run(`grep -l ${volumeId.replace('-', '')} /sys/class/block/vd*/serial || true`);
    return found === '' ? undefined : found.split('/')[4];
  }

  async function sizeOf(disk: string): Promise<number> {
    return Number(await shell.run(`cat /sys/class/block/${disk}/size`)) * 512;
  }
});

async function cloneOf(node: OpenNode, parentLayerId: VolumeSpec['layerId']): Promise<MachineSpec> {
  const layerId = newLayerId();
  await node.createLayer({ layerId, parentLayerId, sizeBytes: 2 * gibibyte });
  const plain = machineSpec([volume(layerId)], { instanceId: newId('i'), memoryMiB: 256 });
  return { ...plain, seed: { ...plain.seed, publicKeys: [key.publicKey] } };
}

function firstVolume(spec: MachineSpec): VolumeSpec {
  const [first] = spec.volumes;
  if (first === undefined) throw new Error('no volume');
  return first;
}
