import type { InstanceId, LayerId, VolumeId } from '../../platform/ids.ts';
import type { NodeContext } from '../context.ts';
import type { LayerStatus } from '../contract.ts';
import { growLayerFile } from '../disks/grow-layer.ts';
import { layerStatus } from '../disks/layer-status.ts';
import { stopShortening } from '../disks/shorten-chain.ts';
import { admitDisk } from './admission.ts';

/** Grows a volume's writable layer, live where a machine writes it. It never shrinks. */
export async function growLayer(
  context: NodeContext,
  request: {
    readonly layerId: LayerId;
    readonly sizeBytes: number;
    readonly instanceId?: InstanceId;
    readonly volumeId?: VolumeId;
  },
): Promise<LayerStatus> {
  const { layerId, sizeBytes } = request;
  const { layers } = context.folders;
  const holder = [...context.machines.values()].find(
    ({ vm, record }) => vm !== undefined && record.volumes.some((volume) => volume.layerId === layerId),
  );
  return context.queue.run([holder?.instanceId ?? 'layers'], async () => {
    await admitDisk(context);
    if (holder?.vm === undefined) return growLayerFile(layers, layerId, sizeBytes);
    const status = await layerStatus(layers, layerId);
    if (status.virtualSizeBytes >= sizeBytes) return status;
    await stopShortening(holder.vm.qmp);
    await holder.vm.qmp.execute('block_resize', { 'node-name': layerId, size: sizeBytes });
    return layerStatus(layers, layerId);
  });
}
