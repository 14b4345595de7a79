import type { Cloud } from '../cloud.ts';

/**
 * A base that was being imported when the server ended has pending snapshots and nobody who goes on. They are
 * removed at the start, before anything can add a base; the sweep takes the layer, and adding again begins anew.
 */
export async function removeHalfAddedBases(cloud: Cloud): Promise<void> {
  await cloud.db.write((tx) =>
    tx
      .deleteFrom('snapshots')
      .where('owner_id', '=', cloud.config.baseAccountId)
      .where('state', '=', 'pending')
      .where('next_layer_id', 'is', null)
      // Those wait for the vault, or for blocks.
      .where('snapshot_id', 'not in', (eb) => eb.selectFrom('stored_snapshots').select('snapshot_id'))
      .where('snapshot_id', 'not in', (eb) => eb.selectFrom('block_writes').select('snapshot_id'))
      .execute(),
  );
}
