import type {
  AccountAttribute,
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { invalidValue } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { defaultVpc } from '../network/default-vpc.ts';
import { maxGroupsPerInterface } from '../network/launch-network.ts';

/** Public addresses that one node can give out: .2 to .254 of its prefix. */
const addressesOfNode = 253;

export async function describeAccountAttributes(
  cloud: Cloud,
  input: DescribeAccountAttributesRequest,
  caller: Caller,
): Promise<DescribeAccountAttributesResult> {
  const { vpc } = await defaultVpc(cloud, caller);
  const values: Readonly<Record<string, string>> = {
    'supported-platforms': 'VPC',
    'default-vpc': vpc.vpc_id,
    'max-instances': String(addressesOfNode * cloud.nodes.ids.length),
    'max-elastic-ips': '0',
    'vpc-max-elastic-ips': '0',
    'vpc-max-security-groups-per-interface': String(maxGroupsPerInterface),
  };
  const names = input.AttributeNames?.length ? input.AttributeNames : Object.keys(values);
  const unknown = names.find((name) => !Object.hasOwn(values, name));
  if (unknown !== undefined) {
    throw invalidValue(unknown, 'attributeName', `Allowed: ${Object.keys(values).join(', ')}.`);
  }
  endDryRun(input);
  return {
    AccountAttributes: names.map(
      (name): AccountAttribute => ({
        AttributeName: name,
        AttributeValues: [{ AttributeValue: values[name] }],
      }),
    ),
  };
}
