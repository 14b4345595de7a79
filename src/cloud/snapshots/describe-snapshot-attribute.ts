import type { DescribeSnapshotAttributeRequest, DescribeSnapshotAttributeResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { readCreateVolumePermissions } from './create-volume-permissions.ts';
import { ownSnapshot } from './find-snapshot.ts';

export async function describeSnapshotAttribute(
  cloud: Cloud,
  input: DescribeSnapshotAttributeRequest,
  caller: Caller,
): Promise<DescribeSnapshotAttributeResult> {
  const snapshot = await ownSnapshot(cloud.db.read, caller, input.SnapshotId);
  const { Attribute: attribute } = input;
  if (attribute === undefined) throw missingParameter('Attribute');
  endDryRun(input);
  switch (attribute) {
    case 'createVolumePermission':
      return {
        SnapshotId: snapshot.snapshot_id,
        CreateVolumePermissions: await readCreateVolumePermissions(cloud, snapshot),
      };
    case 'productCodes':
      return { SnapshotId: snapshot.snapshot_id, ProductCodes: [] };
    default:
      throw invalidValue(attribute, 'attribute', 'Allowed: createVolumePermission, productCodes.');
  }
}
