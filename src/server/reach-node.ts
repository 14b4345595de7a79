/** The cloud's node, reached over the bus wherever it runs, so that one way serves both. */
import { access, constants, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineStatus, NodeContract, NodeEvents } from '../node/contract.ts';
import { type NodeOptions, type OpenNode, openNode } from '../node/node.ts';
import { connectNode, serveNode, watchNode } from '../node/remote.ts';
import type { Bus } from '../platform/bus/bus.ts';
import type { Config } from '../platform/config.ts';
import type { NodeId } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import type { Closers } from './closers.ts';
import { openVaults } from './open-vaults.ts';

export type ReachedNode = NodeContract & NodeEvents;

/** The node of this process: QEMU machines under the home, and the vaults of its regions. Open until the closers run. */
export async function openOwnNode(
  config: Pick<Config, 'home' | 'node' | 'memoryForInstancesMiB' | 'regions' | 'blobs'>,
  log: Log,
  closers: Closers,
  options: Pick<NodeOptions, 'faults'> = {},
): Promise<OpenNode> {
  const { home, node, memoryForInstancesMiB } = config;
  const probeKernel = await hostKernel();
  const vaults = await openVaults(config, log, closers);
  const opened = await openNode({
    nodeId: node.id,
    directory: join(home, 'nodes', node.id),
    log,
    vaults,
    ...options,
    ...(memoryForInstancesMiB === undefined ? {} : { memoryForInstancesMiB }),
    ...(probeKernel === undefined ? {} : { probeKernel }),
  });
  closers.add(() => opened.close());
  return opened;
}

/** A stock kernel that KVM can be tried with: the newest that this host boots, where it may be read. */
async function hostKernel(): Promise<string | undefined> {
  const kernels = (await readdir('/boot').catch(() => []))
    .filter((name) => name.startsWith('vmlinuz-'))
    .sort();
  const newest = kernels.at(-1);
  if (newest === undefined) return undefined;
  const file = join('/boot', newest);
  return await access(file, constants.R_OK).then(
    () => file,
    () => undefined,
  );
}

/** Puts a node on the bus, to be served until the closers run. */
export async function offerNode(
  bus: Bus,
  nodeId: NodeId,
  node: ReachedNode,
  closers: Closers,
): Promise<void> {
  closers.add(await serveNode(bus, nodeId, node));
}

export async function reachNode(bus: Bus, nodeId: NodeId, closers: Closers): Promise<ReachedNode> {
  const listeners = new Set<(status: MachineStatus) => void>();
  closers.add(
    await watchNode(bus, nodeId, (status) => {
      for (const listener of listeners) listener(status);
    }),
  );
  return {
    ...connectNode(bus, nodeId),
    onMachineChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
