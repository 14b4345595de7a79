import type {
  RestoreSnapshotFromRecycleBinRequest,
  RestoreSnapshotFromRecycleBinResult,
} from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import { asSnapshotId } from './find-snapshot.ts';
import type { SnapshotRow } from './record.ts';
import { snapshotColumns } from './to-snapshot.ts';

export async function restoreSnapshotFromRecycleBin(
  cloud: Cloud,
  input: RestoreSnapshotFromRecycleBinRequest,
  caller: Caller,
): Promise<RestoreSnapshotFromRecycleBinResult> {
  await binned(cloud.db.read, caller, input.SnapshotId);
  endDryRun(input);
  const snapshot = await cloud.db.write(async (tx) => {
    const row = await binned(tx, caller, input.SnapshotId);
    await tx
      .updateTable('snapshots')
      .set({ binned_at: null, bin_until: null })
      .where('snapshot_id', '=', row.snapshot_id)
      .execute();
    return row;
  });
  const { Tags: _, ...columns } = snapshotColumns(snapshot, []);
  return columns;
}

async function binned(
  db: Cloud['db']['read'] | Transaction<Schema>,
  caller: Caller,
  value: string | undefined,
): Promise<SnapshotRow> {
  const snapshotId = asSnapshotId(value);
  const row = await db
    .selectFrom('snapshots')
    .selectAll()
    .where('snapshot_id', '=', snapshotId)
    .where('region', '=', caller.region)
    .where('owner_id', '=', caller.accountId)
    .where('binned_at', 'is not', null)
    .executeTakeFirst();
  if (row === undefined) throw notFound('snapshot', snapshotId);
  return row;
}
