/**
 * While an instant is being taken of a volume, its row names the layer that it wrote before and the node may
 * already write the next one. Who is about to name that layer to the node waits until the rows agree again.
 */
import type { VolumeId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';

export async function instantPending(cloud: Cloud, volumeIds: readonly VolumeId[]): Promise<boolean> {
  if (volumeIds.length === 0) return false;
  const row = await cloud.db.read
    .selectFrom('snapshots')
    .select('snapshot_id')
    .where('volume_id', 'in', volumeIds)
    .where('state', '=', 'pending')
    .where('next_layer_id', 'is not', null)
    .executeTakeFirst();
  return row !== undefined;
}
