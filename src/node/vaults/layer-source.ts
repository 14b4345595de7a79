import type { LayerId } from '../../platform/ids.ts';
import { type BlockSource, openQcow2Source } from '../../vault/vault.ts';
import type { NodeContext } from '../context.ts';
import { layerPath } from '../disks/layer-files.ts';

/** The frozen layer as a disk, with what it stands on; with `since`, only what was added above that layer counts. */
export async function openLayerSource(
  { folders }: NodeContext,
  layerId: LayerId,
  since?: LayerId,
): Promise<BlockSource> {
  return await openQcow2Source(layerPath(folders.layers, layerId), {
    backing: 'follow',
    ...(since === undefined ? {} : { since: layerPath(folders.layers, since) }),
  });
}
