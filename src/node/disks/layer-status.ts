import { stat } from 'node:fs/promises';
import type { LayerId } from '../../platform/ids.ts';
import { type LayerStatus, NodeError } from '../contract.ts';
import { servedLayerOf } from '../vaults/fetch/served-backing.ts';
import { layerHeader, layerIdOfFile, layerPath } from './layer-files.ts';

/** The layer and those it stands on, itself first. */
export async function layerChain(layers: string, layerId: LayerId): Promise<readonly LayerId[]> {
  const chain: LayerId[] = [];
  for (let next: LayerId | undefined = layerId; next !== undefined; next = await parentOf(layers, next)) {
    if (chain.includes(next)) throw new NodeError('internal', `layer ${next} stands on itself`);
    chain.push(next);
  }
  return chain;
}

export async function parentOf(layers: string, layerId: LayerId): Promise<LayerId | undefined> {
  const { backingFile } = await layerHeader(layers, layerId);
  return backingFile === undefined ? undefined : layerIdOfFile(backingFile);
}

export async function layerStatus(layers: string, layerId: LayerId): Promise<LayerStatus> {
  const [header, file, chain] = await Promise.all([
    layerHeader(layers, layerId),
    stat(layerPath(layers, layerId)),
    layerChain(layers, layerId),
  ]);
  const parentLayerId = chain[1];
  return {
    layerId,
    ...(parentLayerId === undefined ? {} : { parentLayerId }),
    virtualSizeBytes: header.sizeBytes,
    allocatedBytes: file.blocks * 512,
    depth: chain.length,
    ...(servedLayerOf(header.backingFile) === undefined ? {} : { fetching: true }),
  };
}
