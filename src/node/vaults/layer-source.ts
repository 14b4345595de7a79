import type { LayerId } from '../../platform/ids.ts';
import { type BlockSource, openQcow2Source } from '../../vault/vault.ts';
import type { NodeContext } from '../context.ts';
import { layerPath } from '../disks/layer-files.ts';
import type { Fetches } from './fetch/fetches.ts';
import { servedLayerOf } from './fetch/served-backing.ts';
import { type NodeVaults, vaultOf } from './node-vaults.ts';

/** Where layers are, and what serves those that are still being fetched. */
export interface LayerPlaces {
  readonly folders: Pick<NodeContext['folders'], 'layers'>;
  readonly fetches: Pick<Fetches, 'get'>;
  readonly vaults: Pick<NodeVaults, 'byRegion'>;
}

/** The frozen layer as a disk, with what it stands on; with `since`, only what was added above that layer counts. */
export async function openLayerSource(
  { folders, fetches, vaults }: LayerPlaces,
  layerId: LayerId,
  since?: LayerId,
): Promise<BlockSource> {
  return await openQcow2Source(layerPath(folders.layers, layerId), {
    backing: 'follow',
    async openBacking(name) {
      const served = servedLayerOf(name);
      const record = served === undefined ? undefined : fetches.get(served)?.record;
      if (record === undefined) return undefined;
      return await vaultOf(vaults, record.region).openSource(record.snapshotId);
    },
    ...(since === undefined ? {} : { since: layerPath(folders.layers, since) }),
  });
}
