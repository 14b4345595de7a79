import { type BlockSource, isVaultError } from '../../vault/vault.ts';
import type { StoredDisk } from '../block-contract.ts';
import { NodeError } from '../contract.ts';
import { layerChain } from '../disks/layer-status.ts';
import { type LayerPlaces, openLayerSource } from '../vaults/layer-source.ts';

/** A snapshot as a disk to read: from its layers where all of them are here, else from its region's vault. */
export async function openStoredDisk(
  places: LayerPlaces,
  { layerId, region, snapshotId }: StoredDisk,
): Promise<BlockSource> {
  if (await isHere(places, layerId)) return await openLayerSource(places, layerId);
  try {
    const source = await places.vaults.byRegion.get(region)?.openSource(snapshotId);
    if (source !== undefined) return source;
  } catch (error) {
    if (!isVaultError(error, 'unknown-snapshot')) throw error;
  }
  throw new NodeError(
    'unknown-layer',
    `neither layer ${layerId} nor ${snapshotId} in a vault is on this node`,
  );
}

async function isHere({ folders }: LayerPlaces, layerId: StoredDisk['layerId']): Promise<boolean> {
  try {
    await layerChain(folders.layers, layerId);
    return true;
  } catch (error) {
    if (error instanceof NodeError && error.kind === 'unknown-layer') return false;
    throw error;
  }
}
