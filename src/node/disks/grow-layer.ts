import { join } from 'node:path';
import type { LayerId } from '../../platform/ids.ts';
import { type LayerStatus, NodeError } from '../contract.ts';
import { isFrozen, layerHeader, layerPath } from './layer-files.ts';
import { layerChain, layerStatus } from './layer-status.ts';
import { qemuImg } from './qemu-img.ts';

/** Grows a layer that no QEMU has open; qemu-img's lock holds that. */
export async function growLayerFile(
  layers: string,
  layerId: LayerId,
  sizeBytes: number,
): Promise<LayerStatus> {
  const { sizeBytes: now } = await layerHeader(layers, layerId);
  if (now < sizeBytes) {
    if (await isFrozen(layers, layerId))
      throw new NodeError('internal', `layer ${layerId} is frozen and cannot grow`);
    const args = ['resize', '-q', '-f', 'qcow2', layerPath(layers, layerId), String(sizeBytes)];
    await qemuImg(args, await folderFor(layers, layerId));
  }
  return layerStatus(layers, layerId);
}

/** A layer that is still being fetched names the socket that serves it relative to a folder such as this. */
async function folderFor(layers: string, layerId: LayerId): Promise<string | undefined> {
  const lowest = (await layerChain(layers, layerId)).at(-1) ?? layerId;
  const { backingFile } = await layerHeader(layers, lowest);
  return backingFile === undefined ? undefined : join(layers, '../served/copies');
}
