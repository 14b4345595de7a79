import type { LayerId } from '../../../platform/ids.ts';
import { hasLayer, layerHeader } from '../../disks/layer-files.ts';
import { servedLayerOf } from './served-backing.ts';

/** Whether the layer's file is here and holds the layer, not a promise of it. */
export async function isWhole(layers: string, layerId: LayerId): Promise<boolean> {
  if (!(await hasLayer(layers, layerId))) return false;
  return servedLayerOf((await layerHeader(layers, layerId)).backingFile) === undefined;
}
