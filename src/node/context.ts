import type { Architecture, InstanceId, LayerId, NodeId } from '../platform/ids.ts';
import type { KeyedQueue } from '../platform/keyed-queue.ts';
import type { BlockWrites } from './blocks/block-writes.ts';
import type { OpenDisks } from './blocks/open-disks.ts';
import { type ArchitectureFacts, NodeError } from './contract.ts';
import type { FileWork } from './files/file-commands.ts';
import type { Machine, MachineHost } from './machines/machine.ts';
import type { Fetches } from './vaults/fetch/fetches.ts';
import type { NodeVaults } from './vaults/node-vaults.ts';

/** What every command of an open node works with. */
export interface NodeContext extends MachineHost {
  readonly nodeId: NodeId;
  readonly folders: {
    readonly layers: string;
    readonly instances: string;
    readonly snapshots: string;
    readonly blockWrites: string;
    readonly served: string;
  };
  readonly machines: Map<InstanceId, Machine>;
  /** Snapshots being read, and layers being written, block by block. */
  readonly disks: OpenDisks;
  readonly blockWrites: BlockWrites;
  /** Files that are becoming layers, and layers files. */
  readonly files: FileWork;
  /** Keys: an instance's id, or 'layers' for what makes and deletes them. */
  readonly queue: KeyedQueue;
  readonly vaults: NodeVaults;
  /** Layers on their way from a vault. */
  readonly fetches: Fetches;
  /** What shortened chains no longer stand on, until it is told. */
  readonly leftLayers: Set<LayerId>;
  readonly publicPrefix: string;
  readonly lowestFreePort: number;
  readonly memoryForInstancesMiB: number;
  readonly diskFloorBytes: number;
  readonly acceleration: (architecture: Architecture) => Pick<ArchitectureFacts, 'acceleration' | 'reason'>;
  /** Tests stop or kill the process at named points; elsewhere it does nothing. */
  readonly fault: (point: string) => Promise<void>;
}

export function knownMachine(context: NodeContext, instanceId: InstanceId): Machine {
  const machine = context.machines.get(instanceId);
  if (machine !== undefined) return machine;
  throw new NodeError('unknown-machine', `no instance ${instanceId} on node ${context.nodeId}`);
}
