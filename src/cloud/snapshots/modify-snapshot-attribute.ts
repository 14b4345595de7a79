import type { ModifySnapshotAttributeRequest } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidCombination, invalidValue } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import {
  applyPermissionChange,
  checkedOperation,
  type PermissionChange,
  permissionChange,
} from './create-volume-permissions.ts';
import { ownSnapshot } from './find-snapshot.ts';

export async function modifySnapshotAttribute(
  cloud: Cloud,
  input: ModifySnapshotAttributeRequest,
  caller: Caller,
): Promise<Record<string, never>> {
  await ownSnapshot(cloud.db.read, caller, input.SnapshotId);
  const changes = requestedChanges(input);
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const { snapshot_id: snapshotId } = await ownSnapshot(tx, caller, input.SnapshotId);
    for (const change of changes) await applyPermissionChange(tx, snapshotId, change);
  });
  return {};
}

/** Either the structure, or the flat form: attribute, operation, accounts and groups. */
function requestedChanges(input: ModifySnapshotAttributeRequest): readonly PermissionChange[] {
  const { Attribute: attribute, CreateVolumePermission: structure } = input;
  if (attribute !== undefined && attribute !== 'createVolumePermission') {
    throw invalidValue(attribute, 'attribute', 'Only createVolumePermission can be modified.');
  }
  if (structure !== undefined) {
    return [permissionChange('add', structure.Add ?? []), permissionChange('remove', structure.Remove ?? [])];
  }
  const { UserIds: users = [], GroupNames: groups = [] } = input;
  if (users.length + groups.length === 0) throw invalidCombination('No attributes specified.');
  return [
    permissionChange(checkedOperation(input.OperationType), [
      ...users.map((UserId) => ({ UserId })),
      ...groups.map((Group) => ({ Group: Group as 'all' })),
    ]),
  ];
}
