/** Grows a volume's layer to the size that its row says, live where a machine writes it. */
import { NodeError } from '../../node/contract.ts';
import type { Cloud } from '../cloud.ts';
import { bytesPerGiB } from './make-layers.ts';
import { instantPending } from './pending-instant.ts';
import { modificationOf, type StoredModification, type VolumeRow } from './record.ts';

export async function grow(cloud: Cloud, volume: VolumeRow): Promise<boolean> {
  const modification = modificationOf(volume);
  if (modification === undefined)
    throw new Error(`${volume.volume_id} is modifying, but to what is not known`);
  if (volume.layer_made === 0 || (await instantPending(cloud, [volume.volume_id]))) return false;
  const endedAt = () => cloud.now().toISOString();
  try {
    await cloud.nodes.get(volume.node_id).growLayer({
      layerId: volume.layer_id,
      sizeBytes: volume.size_gib * bytesPerGiB,
      volumeId: volume.volume_id,
      ...(volume.instance_id === null ? {} : { instanceId: volume.instance_id }),
    });
  } catch (error) {
    // A layer that is frozen or unknown has just been followed by another: it is tried again with that one.
    if (!(error instanceof NodeError) || !['disk-full', 'unsupported', 'no-capacity'].includes(error.kind))
      throw error;
    cloud.log.warn({ err: error, volumeId: volume.volume_id }, 'a volume could not be modified');
    const failed = {
      ...modification,
      state: 'failed',
      statusMessage: error.message,
      endedAt: endedAt(),
    } as const;
    await settle(cloud, volume, failed, {
      size_gib: modification.originalSizeGiB,
      volume_type: modification.originalType,
      iops: modification.originalIops,
      throughput: modification.originalThroughput,
    });
    return true;
  }
  await settle(cloud, volume, { ...modification, state: 'completed', endedAt: endedAt() }, {});
  return true;
}

async function settle(
  cloud: Cloud,
  volume: VolumeRow,
  modification: StoredModification,
  columns: Partial<VolumeRow>,
): Promise<void> {
  await cloud.db.write((tx) =>
    tx
      .updateTable('volumes')
      .set({ ...columns, modification: JSON.stringify(modification), modifying: 0 })
      .where('volume_id', '=', volume.volume_id)
      .where('modification', '=', volume.modification)
      .execute(),
  );
}
