/** A volume's layer is made on its node after its row names it; repeated asking finds it made. */
import type { Cloud } from '../cloud.ts';
import { fetchParentLayer } from '../vault/fetch-layer.ts';
import type { VolumeRow } from './record.ts';

export const bytesPerGiB = 1024 ** 3;

export async function makeLayer(cloud: Cloud, volume: VolumeRow): Promise<void> {
  if (volume.layer_made === 1) return;
  await fetchParentLayer(cloud, volume);
  await cloud.nodes.get(volume.node_id).createLayer({
    layerId: volume.layer_id,
    ...(volume.parent_layer_id === null ? {} : { parentLayerId: volume.parent_layer_id }),
    sizeBytes: volume.size_gib * bytesPerGiB,
  });
  // The layer now names its parent itself, so the row need not hold it any more.
  await cloud.db.write((tx) =>
    tx
      .updateTable('volumes')
      .set({ layer_made: 1, parent_layer_id: null })
      .where('volume_id', '=', volume.volume_id)
      .execute(),
  );
}
