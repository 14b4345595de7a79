import type { InstanceId, LayerId } from '../../platform/ids.ts';
import { type MachineSpec, type MachineStatus, NodeError, type SnapshotResult } from '../contract.ts';
import type { Sentinels } from './sentinels.ts';
import type { SimulatedVault } from './vault-state.ts';

export interface SimulatedLayer {
  readonly layerId: LayerId;
  readonly parentLayerId?: LayerId;
  readonly sizeBytes: number;
  readonly frozen: boolean;
  /** What it adds to its parent: digests. A written layer brings one of its own. */
  readonly blocks: readonly string[];
}

export interface SimulatedMachine {
  readonly spec: MachineSpec;
  readonly status: MachineStatus;
  readonly sentinels: Sentinels;
  readonly startedAt: string;
}

/** All that a simulated node knows. The commands change it in one step each, without awaiting in between. */
export interface SimulatedState {
  readonly layers: Map<LayerId, SimulatedLayer>;
  readonly machines: Map<InstanceId, SimulatedMachine>;
  readonly snapshots: Map<LayerId, SnapshotResult>;
  /** By region. */
  readonly vaults: Map<string, SimulatedVault>;
  readonly publicPrefix: string;
  readonly memoryForInstancesMiB: number;
  readonly changed: (status: MachineStatus) => void;
}

export function layerOf(state: SimulatedState, layerId: LayerId): SimulatedLayer {
  const layer = state.layers.get(layerId);
  if (layer === undefined) throw new NodeError('unknown-layer', `no layer ${layerId} on this node`);
  return layer;
}

export function machineOf(state: SimulatedState, instanceId: InstanceId): SimulatedMachine {
  const machine = state.machines.get(instanceId);
  if (machine === undefined) throw new NodeError('unknown-machine', `no instance ${instanceId} on this node`);
  return machine;
}

/** Records the new status and tells it. */
export function setStatus(state: SimulatedState, status: MachineStatus): MachineStatus {
  const machine = machineOf(state, status.instanceId);
  state.machines.set(status.instanceId, { ...machine, status });
  state.changed(status);
  return status;
}

export function stoppedStatus(
  before: MachineStatus,
  stopReason: 'requested' | 'guest-shutdown' | 'crashed',
  stopDetail?: string,
): MachineStatus {
  const { instanceId, volumes } = before;
  return {
    instanceId,
    state: 'stopped',
    volumes,
    stopReason,
    ...(stopDetail === undefined ? {} : { stopDetail }),
  };
}
