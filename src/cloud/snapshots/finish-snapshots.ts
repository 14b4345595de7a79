/** The reconciling pass over snapshots: instants that a crash left half-way are taken up where they were. */
import type { Cloud } from '../cloud.ts';
import { drive } from '../reconcile.ts';
import { takeSnapshots } from './take-snapshots.ts';

export async function finishSnapshots(cloud: Cloud): Promise<void> {
  const rows = await cloud.db.read
    .selectFrom('snapshots')
    .select('instant_id')
    .distinct()
    .where('state', '=', 'pending')
    .where('next_layer_id', 'is not', null)
    .where('instant_id', 'is not', null)
    .execute();
  for (const { instant_id: instantId } of rows) {
    if (instantId === null) continue;
    drive(cloud, `instant-pass:${instantId}`, async () => {
      await takeSnapshots(cloud, instantId);
    });
  }
}
