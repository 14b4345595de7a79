import type { VolumeId } from '../../platform/ids.ts';
import { type NodeContract, NodeError, type SnapshotRequest, type SnapshotResult } from '../contract.ts';
import { movedVolumes } from '../machines/moved-volumes.ts';
import { failIfAsked } from './sentinels.ts';
import { layerOf, machineOf, type SimulatedMachine, type SimulatedState, setStatus } from './state.ts';

type VolumeCommands = Pick<NodeContract, 'attachVolume' | 'detachVolume' | 'snapshotVolumes'>;

export function simulatedVolumes(state: SimulatedState): VolumeCommands {
  return {
    async attachVolume({ instanceId, volume }) {
      const { status, sentinels } = machineOf(state, instanceId);
      failIfAsked(sentinels, 'attach');
      if (layerOf(state, volume.layerId).frozen) {
        throw new NodeError('internal', `layer ${volume.layerId} is frozen`);
      }
      const others = status.volumes.filter((other) => other.volumeId !== volume.volumeId);
      return setStatus(state, { ...status, volumes: [...others, volume] });
    },
    async detachVolume({ instanceId, volumeId, force }) {
      const { status, sentinels } = machineOf(state, instanceId);
      if (!force) failIfAsked(sentinels, 'detach');
      return setStatus(state, {
        ...status,
        volumes: status.volumes.filter((volume) => volume.volumeId !== volumeId),
      });
    },
    async snapshotVolumes(request) {
      const [first] = request.volumes;
      if (first === undefined) throw new NodeError('internal', 'a snapshot needs at least one volume');
      const stored = state.snapshots.get(first.frozenLayerId);
      if (stored !== undefined) return stored;
      const holder = holderOf(state, request.volumes[0]?.volumeId);
      failIfAsked(holder?.sentinels, 'snapshot');
      const result = resultFor(request, holder);
      for (const { frozenLayerId, nextLayerId } of request.volumes) {
        const layer = layerOf(state, frozenLayerId);
        state.layers.set(frozenLayerId, { ...layer, frozen: true });
        state.layers.set(nextLayerId, {
          layerId: nextLayerId,
          parentLayerId: frozenLayerId,
          sizeBytes: layer.sizeBytes,
          frozen: false,
          blocks: [nextLayerId],
        });
      }
      state.snapshots.set(first.frozenLayerId, result);
      if (holder !== undefined) {
        const { status } = holder;
        setStatus(state, { ...status, volumes: movedVolumes(status.volumes, request.volumes) });
      }
      return result;
    },
  };
}

function holderOf(state: SimulatedState, volumeId: VolumeId | undefined): SimulatedMachine | undefined {
  return [...state.machines.values()].find(({ status }) =>
    status.volumes.some((volume) => volume.volumeId === volumeId),
  );
}

function resultFor(request: SnapshotRequest, holder: SimulatedMachine | undefined): SnapshotResult {
  const takenAt = new Date().toISOString();
  if (holder?.status.state !== 'running') return { consistency: 'stopped', freezeMs: 0, stallMs: 0, takenAt };
  const answering = holder.status.agent === 'answering';
  if (request.freeze === 'require' && !answering) {
    throw new NodeError(
      'freeze-failed',
      `the guest agent of instance ${holder.spec.instanceId} does not answer`,
    );
  }
  return request.freeze !== 'no' && answering
    ? { consistency: 'filesystem', freezeMs: 4, stallMs: 1, takenAt }
    : { consistency: 'crash', freezeMs: 0, stallMs: 1, takenAt };
}
