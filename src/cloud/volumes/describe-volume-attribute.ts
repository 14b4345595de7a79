import type { DescribeVolumeAttributeRequest, DescribeVolumeAttributeResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findVolume } from './find-volume.ts';

export async function describeVolumeAttribute(
  cloud: Cloud,
  input: DescribeVolumeAttributeRequest,
  caller: Caller,
): Promise<DescribeVolumeAttributeResult> {
  const attribute: string | undefined = input.Attribute;
  if (attribute === undefined) throw missingParameter('Attribute');
  if (attribute !== 'autoEnableIO' && attribute !== 'productCodes') {
    throw invalidValue(attribute, 'attribute', 'Allowed: autoEnableIO, productCodes.');
  }
  const volume = await findVolume(cloud.db.read, caller, input.VolumeId);
  endDryRun(input);
  return {
    VolumeId: volume.volume_id,
    ...(attribute === 'autoEnableIO'
      ? { AutoEnableIO: { Value: volume.auto_enable_io === 1 } }
      : { ProductCodes: [] }),
  };
}
