/** The node's contract in memory: no QEMU, no files. For fast tests of what stands above; never a default. */
import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceId, LayerId, NodeId, SnapshotId } from '../../platform/ids.ts';
import type { MachineStatus, NodeContract, NodeFacts } from '../contract.ts';
import type { OpenNode } from '../node.ts';
import { simulatedBlocks } from './blocks.ts';
import { simulatedFiles } from './files.ts';
import { simulatedLayers } from './layers.ts';
import { simulatedMachines } from './machines.ts';
import { machineOf, type SimulatedState, setStatus, stoppedStatus } from './state.ts';
import { contentOf, simulatedTransfers } from './transfers.ts';
import { simulatedVaultCare } from './vault-care.ts';
import { damageBlockOf, vaultOf } from './vault-state.ts';
import { simulatedVolumes } from './volumes.ts';

export interface SimulatedOptions {
  readonly nodeId: NodeId;
  readonly memoryForInstancesMiB?: number;
  /** How often a transfer is asked for until it has ended; 1, at once, unless told. */
  readonly transferAsks?: number;
  /** How long a command takes; 0 unless told. */
  readonly delayMs?: (command: keyof NodeContract) => number;
}

export interface SimulatedNode extends OpenNode {
  /** As if the process had been killed. */
  crash(instanceId: InstanceId): void;
  /** As if somebody had logged in and shut it down. */
  shutDownGuest(instanceId: InstanceId): void;
  /** The transfer under way fails at the next ask; the one after that tries again. */
  failTransfer(region: string, snapshotId: SnapshotId, reason: string): void;
  /** As if a bit of the snapshot's newest block had flipped in the region's store. */
  damageBlock(region: string, snapshotId: SnapshotId): void;
  /** What a guest would read: the blocks of the layer and of all that it stands on, the oldest first. */
  contentOf(layerId: LayerId): readonly string[];
}

export function openSimulatedNode(options: SimulatedOptions): SimulatedNode {
  const listeners = new Set<(status: MachineStatus) => void>();
  const memoryForInstancesMiB = options.memoryForInstancesMiB ?? 65_536;
  const state: SimulatedState = {
    layers: new Map(),
    machines: new Map(),
    snapshots: new Map(),
    vaults: new Map(),
    publicPrefix: '127.83.1',
    memoryForInstancesMiB,
    changed: (status) => {
      for (const listener of listeners) listener(status);
    },
  };
  const commands: NodeContract = {
    facts: async () => factsOf(options.nodeId, memoryForInstancesMiB),
    ...simulatedLayers(state),
    ...simulatedMachines(state),
    ...simulatedVolumes(state),
    ...simulatedTransfers(state, options.transferAsks ?? 1),
    ...simulatedVaultCare(state),
    ...simulatedBlocks(state),
    ...simulatedFiles(state),
  };
  return {
    ...delayed(commands, options.delayMs),
    onMachineChanged(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => listeners.clear(),
    crash(instanceId) {
      const { status } = machineOf(state, instanceId);
      setStatus(state, stoppedStatus(status, 'crashed', 'simulated: qemu was killed by SIGKILL'));
    },
    shutDownGuest(instanceId) {
      const { status } = machineOf(state, instanceId);
      setStatus(state, stoppedStatus(status, 'guest-shutdown', 'the guest shut down'));
    },
    failTransfer(region, snapshotId, reason) {
      const { transfers } = vaultOf(state.vaults, region);
      const transfer = transfers.get(snapshotId);
      if (transfer !== undefined) transfers.set(snapshotId, { ...transfer, failsWith: reason });
    },
    damageBlock: (region, snapshotId) => damageBlockOf(vaultOf(state.vaults, region), snapshotId),
    contentOf: (layerId) => contentOf(state, layerId),
  };
}

function factsOf(nodeId: NodeId, memoryForInstancesMiB: number): NodeFacts {
  return {
    nodeId,
    architectures: [
      { architecture: 'x86_64', acceleration: 'tcg', reason: 'simulated', firmware: ['bios', 'uefi'] },
      { architecture: 'arm64', acceleration: 'tcg', reason: 'simulated', firmware: ['uefi'] },
    ],
    cpus: 8,
    memoryMiB: memoryForInstancesMiB + 2048,
    memoryForInstancesMiB,
    diskFreeBytes: 2 ** 40,
    diskTotalBytes: 2 ** 41,
    publicPrefix: '127.83.1',
    lowestFreePort: 0,
  };
}

function delayed(commands: NodeContract, delayMs: SimulatedOptions['delayMs']): NodeContract {
  if (delayMs === undefined) return commands;
  const slow = Object.entries(commands).map(([name, command]) => [
    name,
    async (...args: unknown[]) => {
      await delay(delayMs(name as keyof NodeContract));
      return (command as (...given: unknown[]) => Promise<unknown>)(...args);
    },
  ]);
  return Object.fromEntries(slow) as NodeContract;
}
