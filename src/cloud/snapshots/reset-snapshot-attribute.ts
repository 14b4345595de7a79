import type { ResetSnapshotAttributeRequest } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { ownSnapshot } from './find-snapshot.ts';

/** Back to private. */
export async function resetSnapshotAttribute(
  cloud: Cloud,
  input: ResetSnapshotAttributeRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  await ownSnapshot(cloud.db.read, caller, input.SnapshotId);
  const { Attribute: attribute } = input;
  if (attribute === undefined) throw missingParameter('Attribute');
  if (attribute !== 'createVolumePermission') {
    throw invalidValue(attribute, 'attribute', 'Only createVolumePermission can be reset.');
  }
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const { snapshot_id: snapshotId } = await ownSnapshot(tx, caller, input.SnapshotId);
    await tx.deleteFrom('snapshot_permissions').where('snapshot_id', '=', snapshotId).execute();
    await tx.updateTable('snapshots').set({ is_public: 0 }).where('snapshot_id', '=', snapshotId).execute();
  });
  return {};
}
