import { open } from 'node:fs/promises';
import type { LayerId } from '../../platform/ids.ts';
import { type LayerStatus, NodeError } from '../contract.ts';
import { emptyQcow2 } from './empty-qcow2.ts';
import { freezeLayer, hasLayer, layerFileName, layerHeader, publishLayer } from './layer-files.ts';
import { layerStatus, parentOf } from './layer-status.ts';

/** Makes an empty layer or an overlay, on disk when it answers. A repeated request finds it and changes nothing. */
export async function createLayer(
  layers: string,
  request: { readonly layerId: LayerId; readonly parentLayerId?: LayerId; readonly sizeBytes: number },
): Promise<LayerStatus> {
  const { layerId, parentLayerId, sizeBytes } = request;
  if (await hasLayer(layers, layerId)) {
    const parent = await parentOf(layers, layerId);
    if (parent === parentLayerId) return layerStatus(layers, layerId);
    throw new NodeError('internal', `layer ${layerId} exists, over ${parent ?? 'nothing'}`);
  }
  if (parentLayerId !== undefined) {
    const parent = await layerHeader(layers, parentLayerId);
    if (sizeBytes < parent.sizeBytes) {
      throw new NodeError(
        'internal',
        `layer ${layerId} of ${sizeBytes} bytes is smaller than its parent ${parentLayerId} of ${parent.sizeBytes}`,
      );
    }
    // What others stand on must never change again.
    await freezeLayer(layers, parentLayerId);
  }
  await writeEmptyLayer(layers, request);
  return layerStatus(layers, layerId);
}

/** Writes the file whether or not one is there. */
export async function writeEmptyLayer(
  layers: string,
  request: {
    readonly layerId: LayerId;
    readonly parentLayerId?: LayerId;
    /** In place of a parent: a disk that is served, as QEMU's `json:`. */
    readonly servedBy?: string;
    readonly sizeBytes: number;
  },
): Promise<void> {
  // Sectors of 512 bytes are the smallest that a guest can see.
  const sizeBytes = Math.ceil(request.sizeBytes / 512) * 512;
  const { parentLayerId } = request;
  const backing = parentLayerId === undefined ? request.servedBy : layerFileName(parentLayerId);
  const image = emptyQcow2({ sizeBytes, ...(backing === undefined ? {} : { backing }) });
  await publishLayer(layers, request.layerId, async (draft) => {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.truncate(image.lengthBytes);
      for (const piece of image.pieces) await file.write(piece.bytes, 0, piece.bytes.length, piece.offset);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}
