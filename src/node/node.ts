/** One machine as the cloud sees it: QEMU processes, qcow2 layers and loopback addresses behind one contract. */
import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { NodeId } from '../platform/ids.ts';
import { keyedQueue } from '../platform/keyed-queue.ts';
import type { Log } from '../platform/log.ts';
import type { Vault } from '../vault/vault.ts';
import { blockWrites } from './blocks/block-writes.ts';
import { openDisks } from './blocks/open-disks.ts';
import { openStoredDisk } from './blocks/open-stored-disk.ts';
import { nodeCommands } from './commands.ts';
import type { NodeContext } from './context.ts';
import { type MachineStatus, type NodeContract, NodeError, type NodeEvents } from './contract.ts';
import { isFullDisk, tellingFullDisk } from './disk-full.ts';
import { layerPath } from './disks/layer-files.ts';
import { sweepDrafts } from './disks/sweep-drafts.ts';
import { defaultMemoryForInstancesMiB, hostMemoryMiB } from './facts.ts';
import { careForMachines } from './machines/care.ts';
import { recoverMachines } from './machines/recover.ts';
import { claimPrefix, holdName, letGo } from './network/claim-prefix.ts';
import { lowestFreePort } from './network/lowest-free-port.ts';
import { prefixInUse } from './network/prefix-in-use.ts';
import { openAcceleration } from './qemu/acceleration.ts';
import { findQemu } from './qemu/process.ts';
import { makeServedFolder } from './vaults/fetch/fetch-record.ts';
import { openFetches } from './vaults/fetch/fetches.ts';
import { finishFetch } from './vaults/fetch/finish-fetch.ts';
import { isWhole } from './vaults/fetch/is-whole.ts';
import { isReadByMachines } from './vaults/fetch/move-machines.ts';
import { longWork } from './vaults/long-work.ts';
import { nodeVaults } from './vaults/node-vaults.ts';

export interface NodeOptions {
  readonly nodeId: NodeId;
  /** `$INGOT_HOME/nodes/<id>` */
  readonly directory: string;
  readonly log: Log;
  /** By region. The caller closes them, after the node. */
  readonly vaults?: ReadonlyMap<string, Vault>;
  /** The first two numbers of the loopback networks to choose from; '127.83' unless told. */
  readonly publicNetwork?: string;
  readonly memoryForInstancesMiB?: number;
  /** Starting and imaging stop while less is free: 1 GiB unless told. */
  readonly diskFloorBytes?: number;
  /** Where the probe's result is remembered; in `directory` unless told. */
  readonly accelerationCache?: string;
  /** A Linux kernel that the probe may boot. Without one, KVM is believed only on a host that is no VM itself. */
  readonly probeKernel?: string;
  /** How fast a layer that a vault serves is fetched behind that: 64 MiB/s unless told. */
  readonly fetchBytesPerSecond?: number;
  /** As found on this host unless told. */
  readonly lowestFreePort?: number;
  /** Called at named points of every operation that must survive a crash there. */
  readonly faults?: (point: string) => void | Promise<void>;
}

export interface OpenNode extends NodeContract, NodeEvents {
  /** Lets go of everything; VMs run on, and the next `openNode` finds them. */
  close(): Promise<void>;
}

export async function openNode(options: NodeOptions): Promise<OpenNode> {
  const folders = await makeFolders(options.directory);
  const lock = await lockDirectory(folders.root);
  await makeServedFolder(folders.served);
  for (const folder of [folders.layers, folders.snapshots, folders.served]) await sweepDrafts(folder);
  const processes = await findQemu(folders.instances);
  const claim = await claimPrefix({
    directory: folders.root,
    publicNetwork: options.publicNetwork ?? '127.83',
    inUse: await prefixInUse(folders.instances, processes.keys()),
  }).catch(async (error: unknown) => {
    await letGo(lock);
    throw error;
  });
  const acceleration = await openAcceleration({
    log: options.log,
    cacheFile: options.accelerationCache ?? join(folders.root, 'acceleration.json'),
    ...(options.probeKernel === undefined ? {} : { probeKernel: options.probeKernel }),
  });
  const listeners = new Set<(status: MachineStatus) => void>();
  const vaults = nodeVaults(options.vaults ?? new Map(), options.log);
  const context: NodeContext = {
    nodeId: options.nodeId,
    folders,
    log: options.log,
    machines: new Map(),
    disks: openDisks((disk) => openStoredDisk(context, disk)),
    blockWrites: blockWrites(folders.blockWrites),
    files: longWork((work, error) => {
      options.log.warn({ work, err: error }, 'a disk file could not be read or written');
      return isFullDisk(error) ? 'the disk is full' : error instanceof Error ? error.message : String(error);
    }),
    queue: keyedQueue(),
    vaults,
    fetches: openFetches({
      folder: folders.served,
      vaults,
      log: options.log,
      layerPath: (layerId) => layerPath(folders.layers, layerId),
      isWhole: (layerId) => isWhole(folders.layers, layerId),
      isReadByMachines: (layerId) => isReadByMachines(context, layerId),
      finish: (fetch) => finishFetch(context, fetch),
      ...(options.fetchBytesPerSecond === undefined ? {} : { bytesPerSecond: options.fetchBytesPerSecond }),
    }),
    leftLayers: new Set(),
    publicPrefix: claim.prefix,
    lowestFreePort: options.lowestFreePort ?? (await lowestFreePort()),
    memoryForInstancesMiB: options.memoryForInstancesMiB ?? defaultMemoryForInstancesMiB(hostMemoryMiB()),
    diskFloorBytes: options.diskFloorBytes ?? 2 ** 30,
    acceleration: (architecture) => acceleration.of(architecture),
    fault: async (point) => options.faults?.(point),
    changed: (status) => {
      for (const listener of listeners) listener(status);
    },
  };
  // Before machines are looked for: one may be waiting for a block.
  await context.fetches.resume();
  await recoverMachines(context, processes);
  context.fetches.finishAll();
  const care = careForMachines(context);
  return {
    ...tellingFullDisk(nodeCommands(context)),
    onMachineChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      listeners.clear();
      await care.stop();
      await context.fetches.close();
      await context.vaults.close();
      await context.files.close();
      await context.disks.close();
      await context.blockWrites.close();
      await acceleration.close();
      for (const machine of context.machines.values()) machine.release();
      for (const machine of context.machines.values()) await machine.settled();
      await claim.release();
      await letGo(lock);
    },
  };
}

async function makeFolders(directory: string): Promise<NodeContext['folders'] & { readonly root: string }> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // VMs are found by their working directory, which the kernel tells without symbolic links.
  const root = await realpath(directory);
  const folders = {
    root,
    layers: join(root, 'layers'),
    instances: join(root, 'instances'),
    snapshots: join(root, 'snapshots'),
    blockWrites: join(root, 'block-writes'),
    served: join(root, 'served'),
  };
  for (const folder of Object.values(folders)) await mkdir(folder, { recursive: true, mode: 0o700 });
  return folders;
}

/** Two servers on one directory would both command its VMs. */
async function lockDirectory(root: string): Promise<Server> {
  const name = `ingot-node-${createHash('sha256').update(root).digest('hex').slice(0, 32)}`;
  const lock = await holdName(name);
  if (lock === undefined) throw new NodeError('internal', `another Ingot server has ${root} open`);
  return lock;
}
