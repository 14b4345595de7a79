/** Who may make volumes of a snapshot: accounts one by one, or everybody as the group `all`. */
import type { CreateVolumePermission } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidParameterValue, malformedUserId, missingParameter } from '../../ec2/request-faults.ts';
import type { AccountId, SnapshotId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { SnapshotRow } from './record.ts';

export interface PermissionChange {
  readonly operation: 'add' | 'remove';
  readonly accounts: readonly AccountId[];
  readonly everybody: boolean;
}

export async function readCreateVolumePermissions(
  cloud: Cloud,
  snapshot: SnapshotRow,
): Promise<CreateVolumePermission[]> {
  const rows = await cloud.db.read
    .selectFrom('snapshot_permissions')
    .select('account_id')
    .where('snapshot_id', '=', snapshot.snapshot_id)
    .orderBy('account_id')
    .execute();
  const accounts = rows.map((row) => ({ UserId: row.account_id }));
  return snapshot.is_public === 1 ? [{ Group: 'all' }, ...accounts] : accounts;
}

export function permissionChange(
  operation: 'add' | 'remove',
  permissions: readonly CreateVolumePermission[],
): PermissionChange {
  for (const { UserId: userId, Group: group } of permissions) {
    if (userId === undefined && group === undefined) throw missingParameter('UserId or Group');
    if (userId !== undefined && !/^\d{12}$/.test(userId)) throw malformedUserId(userId);
    if (group !== undefined && group !== 'all') {
      throw new Ec2Fault('InvalidUserID.Malformed', `Invalid group '${String(group)}'. Allowed: all.`);
    }
  }
  return {
    operation,
    accounts: permissions.flatMap(({ UserId: userId }) =>
      userId === undefined ? [] : [userId as AccountId],
    ),
    everybody: permissions.some(({ Group: group }) => group === 'all'),
  };
}

/** Adding what is there and removing what is not are no errors, as on EC2. */
export async function applyPermissionChange(
  tx: Transaction<Schema>,
  snapshotId: SnapshotId,
  change: PermissionChange,
): Promise<void> {
  const { operation, accounts, everybody } = change;
  if (everybody) {
    await tx
      .updateTable('snapshots')
      .set({ is_public: operation === 'add' ? 1 : 0 })
      .where('snapshot_id', '=', snapshotId)
      .execute();
  }
  for (const accountId of accounts) {
    if (operation === 'remove') {
      await tx
        .deleteFrom('snapshot_permissions')
        .where('snapshot_id', '=', snapshotId)
        .where('account_id', '=', accountId)
        .execute();
      continue;
    }
    await tx
      .insertInto('snapshot_permissions')
      .values({ snapshot_id: snapshotId, account_id: accountId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

export function checkedOperation(operation: string | undefined): 'add' | 'remove' {
  if (operation === undefined || operation === '') throw missingParameter('OperationType');
  if (operation === 'add' || operation === 'remove') return operation;
  throw invalidParameterValue(
    `Value (${operation}) for parameter operationType is invalid. Allowed: add, remove.`,
  );
}
