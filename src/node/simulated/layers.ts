import type { LayerId } from '../../platform/ids.ts';
import { type LayerStatus, type NodeContract, NodeError } from '../contract.ts';
import { diskFullSizeBytes } from './sentinels.ts';
import { layerOf, type SimulatedState } from './state.ts';
import { blockBytes } from './vault-state.ts';

const importedSizeBytes = 2 ** 30;

type LayerCommands = Pick<
  NodeContract,
  'createLayer' | 'importLayer' | 'growLayer' | 'listLayers' | 'deleteLayers' | 'shortenChains'
>;

export function simulatedLayers(state: SimulatedState): LayerCommands {
  return {
    async createLayer({ layerId, parentLayerId, sizeBytes }) {
      if (sizeBytes === diskFullSizeBytes) throw new NodeError('disk-full', 'simulated: the disk is full');
      if (!state.layers.has(layerId)) {
        if (parentLayerId !== undefined) {
          const parent = layerOf(state, parentLayerId);
          if (sizeBytes < parent.sizeBytes) {
            throw new NodeError('internal', `layer ${layerId} is smaller than its parent ${parentLayerId}`);
          }
          state.layers.set(parentLayerId, { ...parent, frozen: true });
        }
        const parent = parentLayerId === undefined ? {} : { parentLayerId };
        state.layers.set(layerId, { layerId, ...parent, sizeBytes, frozen: false, blocks: [layerId] });
      }
      return layerStatus(state, layerId);
    },
    async importLayer({ layerId }) {
      if (!state.layers.has(layerId)) {
        state.layers.set(layerId, {
          layerId,
          sizeBytes: importedSizeBytes,
          frozen: true,
          blocks: [layerId],
        });
      }
      return layerStatus(state, layerId);
    },
    async growLayer({ layerId, sizeBytes }) {
      const layer = layerOf(state, layerId);
      if (layer.frozen && sizeBytes > layer.sizeBytes) {
        throw new NodeError('internal', `layer ${layerId} is frozen and cannot grow`);
      }
      state.layers.set(layerId, { ...layer, sizeBytes: Math.max(layer.sizeBytes, sizeBytes) });
      return layerStatus(state, layerId);
    },
    listLayers: async () => [...state.layers.keys()].map((layerId) => layerStatus(state, layerId)),
    async deleteLayers({ layerIds }) {
      // Children stand before their parents in the second and later rounds.
      const gone = new Set(layerIds.filter((id) => !state.layers.has(id)));
      for (let before = -1; before !== gone.size; ) {
        before = gone.size;
        for (const id of layerIds) {
          if (gone.has(id) || isInUse(state, id)) continue;
          state.layers.delete(id);
          state.snapshots.delete(id);
          gone.add(id);
        }
      }
      return [...gone];
    },
    shortenChains: async () => [],
  };
}

function isInUse(state: SimulatedState, layerId: LayerId): boolean {
  const stoodUpon = [...state.layers.values()].some((layer) => layer.parentLayerId === layerId);
  const running = [...state.machines.values()].filter(({ status }) => status.state === 'running');
  return (
    stoodUpon || running.some(({ status }) => status.volumes.some((volume) => volume.layerId === layerId))
  );
}

export function layerStatus(state: SimulatedState, layerId: LayerId): LayerStatus {
  const { parentLayerId, sizeBytes, blocks } = layerOf(state, layerId);
  let depth = 1;
  for (let next = parentLayerId; next !== undefined; next = layerOf(state, next).parentLayerId) depth++;
  return {
    layerId,
    ...(parentLayerId === undefined ? {} : { parentLayerId }),
    virtualSizeBytes: sizeBytes,
    allocatedBytes: blocks.length * blockBytes,
    depth,
  };
}
