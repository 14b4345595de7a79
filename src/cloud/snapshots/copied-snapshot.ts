/**
 * A copy of a snapshot: a row of its own over the same frozen layer. Layers are never written again and belong to
 * whoever refers to them, so the copy stays when its source goes. In its own region it is complete at once; in
 * another, when that region's vault has it.
 */
import type { Transaction } from 'kysely';
import type { Caller } from '../../ec2/types.ts';
import type { SnapshotId } from '../../platform/ids.ts';
import type { Schema } from '../schema.ts';
import { type CheckedTag, insertTags } from '../tags/tag-specifications.ts';
import { wantStored } from '../vault/want-stored.ts';
import { noVolume } from './no-volume.ts';
import type { SnapshotRow } from './record.ts';

export async function insertCopiedSnapshot(
  tx: Transaction<Schema>,
  caller: Caller,
  source: SnapshotRow,
  copy: {
    readonly snapshotId: SnapshotId;
    readonly description: string;
    readonly now: Date;
    readonly tags: readonly CheckedTag[];
  },
): Promise<void> {
  const at = copy.now.toISOString();
  const atOnce = isCompleteAtOnce(caller, source);
  const row = {
    snapshot_id: copy.snapshotId,
    region: caller.region,
    owner_id: caller.accountId,
    volume_id: noVolume,
    volume_size_gib: source.volume_size_gib,
    state: atOnce ? 'completed' : 'pending',
    progress: atOnce ? 100 : 0,
    started_at: at,
    completed_at: atOnce ? at : null,
    description: copy.description,
    layer_id: source.layer_id,
    node_id: source.node_id,
  } as const;
  await tx.insertInto('snapshots').values(row).execute();
  if (!atOnce) await wantStored(tx, row, source);
  const owned = { region: caller.region, ownerId: caller.accountId };
  await insertTags(tx, { id: copy.snapshotId, type: 'snapshot', ...owned }, copy.tags);
}

export function isCompleteAtOnce(
  caller: Pick<Caller, 'region'>,
  source: Pick<SnapshotRow, 'region'>,
): boolean {
  return source.region === caller.region;
}
