import { type BlockSource, isVaultError, openQcow2Source } from '../../vault/vault.ts';
import type { StoredDisk } from '../block-contract.ts';
import { NodeError } from '../contract.ts';
import { layerHeader, layerIdOfFile, layerPath } from '../disks/layer-files.ts';
import { layerChain } from '../disks/layer-status.ts';
import type { NodeVaults } from '../vaults/node-vaults.ts';

/** A snapshot as a disk to read: from its layers where all of them are here, else from its region's vault. */
export async function openStoredDisk(
  layers: string,
  vaults: Pick<NodeVaults, 'byRegion'>,
  { layerId, region, snapshotId }: StoredDisk,
): Promise<BlockSource> {
  if (await isHere(layers, layerId)) {
    return await openQcow2Source(layerPath(layers, layerId), { backing: 'follow' });
  }
  try {
    const source = await vaults.byRegion.get(region)?.openSource(snapshotId);
    if (source !== undefined) return source;
  } catch (error) {
    if (!isVaultError(error, 'unknown-snapshot')) throw error;
  }
  throw new NodeError(
    'unknown-layer',
    `neither layer ${layerId} nor ${snapshotId} in a vault is on this node`,
  );
}

/** One that is still being fetched stands on what isn't a layer. */
async function isHere(layers: string, layerId: StoredDisk['layerId']): Promise<boolean> {
  try {
    const lowest = (await layerChain(layers, layerId)).at(-1);
    const { backingFile } = await layerHeader(layers, lowest ?? layerId);
    return backingFile === undefined || layerIdOfFile(backingFile) !== undefined;
  } catch (error) {
    if (error instanceof NodeError && error.kind === 'unknown-layer') return false;
    throw error;
  }
}
