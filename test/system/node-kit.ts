/** What the node's system tests share: a node in a folder of its own, whose VMs never outlive the test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFailed, onTestFinished } from 'vitest';
import type { MachineSpec, VolumeSpec } from '../../src/node/contract.ts';
import { type NodeOptions, type OpenNode, openNode } from '../../src/node/node.ts';
import { findQemu, killQemu } from '../../src/node/qemu/process.ts';
import type { InstanceId, LayerId, NodeId, VolumeId } from '../../src/platform/ids.ts';
import { newId } from '../../src/platform/ids.ts';
import { silentLog } from '../../src/platform/log.ts';

export const gibibyte = 2 ** 30;

export interface TestHome {
  readonly directory: string;
  /** Opens the node; again after a close, as a server that was started anew. */
  open(options?: Partial<NodeOptions>): Promise<OpenNode>;
  /** Kills the VMs. A failed test keeps the folder: consoles, QEMU's words, records. */
  dispose(options: { readonly keep: boolean }): Promise<void>;
}

export async function makeHome(): Promise<TestHome> {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-node-'));
  const opened: OpenNode[] = [];
  return {
    directory,
    async open(options = {}) {
      const node = await openNode({ nodeId: 'node-test' as NodeId, directory, log: silentLog, ...options });
      opened.push(node);
      return node;
    },
    async dispose({ keep }) {
      for (const node of opened) await node.close();
      await killMachines(directory);
      if (keep) process.stderr.write(`kept for inspection: ${directory}\n`);
      else await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A home for the running test alone. */
export async function testNode(): Promise<TestHome> {
  const home = await makeHome();
  let keep = false;
  onTestFailed(() => {
    keep = true;
  });
  onTestFinished(() => home.dispose({ keep }));
  return home;
}

export async function killMachines(directory: string): Promise<void> {
  for (const qemu of (await findQemu(join(directory, 'instances'))).values()) await killQemu(qemu);
}

export function newLayerId(): LayerId {
  return newId('layer');
}

export function volume(layerId: LayerId, options: Partial<VolumeSpec> = {}): VolumeSpec {
  return { volumeId: newId('vol'), layerId, deviceName: '/dev/sda1', root: true, ...options };
}

/** A small machine without an operating system: QEMU, its disks and its network are all there is to test. */
export function machineSpec(volumes: readonly VolumeSpec[], options: Partial<MachineSpec> = {}): MachineSpec {
  return {
    instanceId: newId('i'),
    architecture: 'x86_64',
    firmware: 'bios',
    cpus: 1,
    memoryMiB: 64,
    volumes,
    network: {
      macAddress: '02:00:00:00:00:01',
      privateAddress: '172.31.5.20',
      subnet: '172.31.0.0/20',
      ports: [{ protocol: 'tcp', fromPort: 22, toPort: 22 }],
    },
    seed: {
      hostname: 'ip-172-31-5-20',
      publicKeys: ['ssh-ed25519 AAAA test'],
      region: 'us-east-1',
      availabilityZone: 'us-east-1a',
    },
    ...options,
  };
}

export async function blankVolume(node: OpenNode, sizeBytes = gibibyte): Promise<VolumeSpec> {
  const layerId = newLayerId();
  await node.createLayer({ layerId, sizeBytes });
  return volume(layerId);
}

export async function startBlank(node: OpenNode): Promise<{
  readonly instanceId: InstanceId;
  readonly volumeId: VolumeId;
  readonly layerId: LayerId;
  readonly spec: MachineSpec;
}> {
  const root = await blankVolume(node);
  const spec = machineSpec([root]);
  await node.startMachine(spec);
  return { instanceId: spec.instanceId, volumeId: root.volumeId, layerId: root.layerId, spec };
}
