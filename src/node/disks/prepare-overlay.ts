import type { LayerId } from '../../platform/ids.ts';
import { NodeError } from '../contract.ts';
import { writeEmptyLayer } from './create-layer.ts';
import { hasLayer, layerHeader } from './layer-files.ts';
import { parentOf } from './layer-status.ts';

/**
 * The empty overlay that a snapshot switches to. One that an earlier attempt left is used again, or written
 * anew when the volume has grown since. Nobody may have it open.
 */
export async function prepareOverlay(
  layers: string,
  request: { readonly nextLayerId: LayerId; readonly frozenLayerId: LayerId },
): Promise<void> {
  const { nextLayerId, frozenLayerId } = request;
  const { sizeBytes } = await layerHeader(layers, frozenLayerId);
  if (await hasLayer(layers, nextLayerId)) {
    const parent = await parentOf(layers, nextLayerId);
    if (parent !== frozenLayerId) {
      throw new NodeError(
        'internal',
        `layer ${nextLayerId} stands on ${parent ?? 'nothing'}, not on ${frozenLayerId}`,
      );
    }
    if ((await layerHeader(layers, nextLayerId)).sizeBytes === sizeBytes) return;
  }
  await writeEmptyLayer(layers, { layerId: nextLayerId, parentLayerId: frozenLayerId, sizeBytes });
}
