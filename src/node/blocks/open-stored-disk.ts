import { type BlockSource, openQcow2Source } from '../../vault/vault.ts';
import type { StoredDisk } from '../block-contract.ts';
import { NodeError } from '../contract.ts';
import { hasLayer, layerPath } from '../disks/layer-files.ts';

/** A snapshot as a disk to read. Throws 'unknown-layer' where it isn't on this node: who asks has it fetched first. */
export async function openStoredDisk(layers: string, { layerId }: StoredDisk): Promise<BlockSource> {
  if (await hasLayer(layers, layerId)) {
    return await openQcow2Source(layerPath(layers, layerId), { backing: 'follow' });
  }
  throw new NodeError('unknown-layer', `no layer ${layerId} on this node`);
}
