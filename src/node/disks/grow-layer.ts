import type { LayerId } from '../../platform/ids.ts';
import { type LayerStatus, NodeError } from '../contract.ts';
import { isFrozen, layerHeader, layerPath } from './layer-files.ts';
import { layerStatus } from './layer-status.ts';
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
    await qemuImg(['resize', '-q', '-f', 'qcow2', layerPath(layers, layerId), String(sizeBytes)]);
  }
  return layerStatus(layers, layerId);
}
