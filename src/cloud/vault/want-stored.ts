import type { Transaction } from 'kysely';
import type { Schema } from '../schema.ts';
import type { SnapshotRow } from '../snapshots/record.ts';

/** For a snapshot that is complete once its vault has it; the others are noted by the database (table.ts). */
export async function wantStored(
  tx: Transaction<Schema>,
  snapshot: Pick<SnapshotRow, 'snapshot_id' | 'region' | 'node_id' | 'layer_id' | 'started_at'>,
  source?: Pick<SnapshotRow, 'snapshot_id' | 'region'>,
): Promise<void> {
  await tx
    .insertInto('stored_snapshots')
    .values({
      snapshot_id: snapshot.snapshot_id,
      region: snapshot.region,
      node_id: snapshot.node_id,
      layer_id: snapshot.layer_id,
      state: 'wanted',
      wanted_at: snapshot.started_at,
      source_region: source?.region ?? null,
      source_snapshot_id: source?.snapshot_id ?? null,
    })
    .execute();
}
