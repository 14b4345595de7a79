/** Who may launch an image: accounts one by one, or everybody as the group `all`. */
import type { LaunchPermission } from '@aws-sdk/client-ec2';
import type { Transaction } from 'kysely';
import { invalidAttributeItem, missingParameter, unsupported } from '../../ec2/request-faults.ts';
import type { AccountId, ImageId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';
import type { ImageRow } from './record.ts';

export interface PermissionChange {
  readonly operation: 'add' | 'remove';
  readonly accounts: readonly AccountId[];
  readonly everybody: boolean;
}

export async function readLaunchPermissions(cloud: Cloud, image: ImageRow): Promise<LaunchPermission[]> {
  const rows = await cloud.db.read
    .selectFrom('image_launch_permissions')
    .select('account_id')
    .where('image_id', '=', image.image_id)
    .orderBy('account_id')
    .execute();
  const accounts = rows.map((row) => ({ UserId: row.account_id }));
  return image.is_public === 1 ? [{ Group: 'all' }, ...accounts] : accounts;
}

export function permissionChange(
  operation: 'add' | 'remove',
  permissions: readonly LaunchPermission[],
): PermissionChange {
  for (const permission of permissions) checkPermission(permission);
  return {
    operation,
    accounts: permissions.flatMap(({ UserId: userId }) =>
      userId === undefined ? [] : [userId as AccountId],
    ),
    everybody: permissions.some(({ Group: group }) => group === 'all'),
  };
}

function checkPermission(permission: LaunchPermission): void {
  const { UserId: userId, Group: group } = permission;
  if (permission.OrganizationArn !== undefined || permission.OrganizationalUnitArn !== undefined) {
    throw unsupported('This cloud has no organizations; share an image with accounts, or with all');
  }
  if (userId === undefined && group === undefined) throw missingParameter('UserId or Group');
  if (userId !== undefined && !/^\d{12}$/.test(userId)) throw invalidAttributeItem(userId);
  if (group !== undefined && group !== 'all') throw invalidAttributeItem(String(group), 'userGroup');
}

/** Adding what is there and removing what is not are no errors, as on EC2. */
export async function applyPermissionChange(
  tx: Transaction<Schema>,
  imageId: ImageId,
  { operation, accounts, everybody }: PermissionChange,
): Promise<void> {
  if (everybody) {
    await tx
      .updateTable('images')
      .set({ is_public: operation === 'add' ? 1 : 0 })
      .where('image_id', '=', imageId)
      .execute();
  }
  for (const accountId of accounts) {
    if (operation === 'remove') {
      await tx
        .deleteFrom('image_launch_permissions')
        .where('image_id', '=', imageId)
        .where('account_id', '=', accountId)
        .execute();
      continue;
    }
    await tx
      .insertInto('image_launch_permissions')
      .values({ image_id: imageId, account_id: accountId })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** The image is its owner's alone again. */
export async function removeAllPermissions(tx: Transaction<Schema>, imageId: ImageId): Promise<void> {
  await tx.deleteFrom('image_launch_permissions').where('image_id', '=', imageId).execute();
  await tx.updateTable('images').set({ is_public: 0 }).where('image_id', '=', imageId).execute();
}
