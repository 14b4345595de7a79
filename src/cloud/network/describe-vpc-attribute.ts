import type { DescribeVpcAttributeRequest, DescribeVpcAttributeResult } from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import { checkIds, notFound } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { defaultVpc } from './default-vpc.ts';

export async function describeVpcAttribute(
  cloud: Cloud,
  input: DescribeVpcAttributeRequest,
  caller: Caller,
): Promise<DescribeVpcAttributeResult> {
  const { VpcId: vpcId, Attribute: attribute } = input;
  if (vpcId === undefined) throw missingParameter('VpcId');
  if (attribute === undefined) throw missingParameter('Attribute');
  checkIds('vpc', [vpcId]);
  const { vpc } = await defaultVpc(cloud, caller);
  if (vpc.vpc_id !== vpcId) throw notFound('vpc', vpcId);
  const result = attributeOf(attribute);
  endDryRun(input);
  return { VpcId: vpcId, ...result };
}

/** A guest resolves names through its gateway, and every instance has a public address. */
function attributeOf(
  attribute: NonNullable<DescribeVpcAttributeRequest['Attribute']>,
): DescribeVpcAttributeResult {
  switch (attribute) {
    case 'enableDnsSupport':
      return { EnableDnsSupport: { Value: true } };
    case 'enableDnsHostnames':
      return { EnableDnsHostnames: { Value: true } };
    case 'enableNetworkAddressUsageMetrics':
      return { EnableNetworkAddressUsageMetrics: { Value: false } };
    default:
      throw invalidValue(
        attribute satisfies never,
        'attribute',
        'Allowed: enableDnsSupport, enableDnsHostnames, enableNetworkAddressUsageMetrics.',
      );
  }
}
