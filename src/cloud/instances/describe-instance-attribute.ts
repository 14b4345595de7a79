import type { DescribeInstanceAttributeRequest, InstanceAttribute } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { findInstance } from './find-instance.ts';
import { instanceAttributes, isInstanceAttribute } from './instance-attributes.ts';
import { toInstances } from './to-instance.ts';

export async function describeInstanceAttribute(
  cloud: Cloud,
  input: DescribeInstanceAttributeRequest,
  caller: Caller,
): Promise<InstanceAttribute> {
  const name: string | undefined = input.Attribute;
  if (name === undefined) throw missingParameter('Attribute');
  if (!isInstanceAttribute(name)) {
    throw invalidValue(name, 'attribute', `Allowed: ${Object.keys(instanceAttributes).join(', ')}.`);
  }
  const row = await findInstance(cloud, caller, input.InstanceId);
  endDryRun(input);
  const [shown] = await toInstances(cloud, [row]);
  if (shown === undefined) throw new Error(`${row.instance_id} was read and cannot be shown`);
  return { InstanceId: row.instance_id, ...instanceAttributes[name](shown) };
}
