import type { LayerId } from '../../platform/ids.ts';
import type { LayerStatus } from '../contract.ts';
import { NodeError } from '../contract.ts';
import { isMissing } from '../is-missing.ts';
import { layerIds } from './layer-files.ts';
import { layerStatus } from './layer-status.ts';

/** Files read at once: more only queue for the thread pool. */
const atOnce = 32;

export async function listLayers(layers: string): Promise<readonly LayerStatus[]> {
  const ids = await layerIds(layers);
  const found: LayerStatus[] = [];
  for (let start = 0; start < ids.length; start += atOnce) {
    const batch = await Promise.all(ids.slice(start, start + atOnce).map((id) => statusIfThere(layers, id)));
    found.push(...batch.filter((status) => status !== undefined));
  }
  return found;
}

/** Undefined for one deleted meanwhile. */
async function statusIfThere(layers: string, layerId: LayerId): Promise<LayerStatus | undefined> {
  try {
    return await layerStatus(layers, layerId);
  } catch (error) {
    if (isMissing(error) || (error instanceof NodeError && error.kind === 'unknown-layer')) return undefined;
    throw error;
  }
}
