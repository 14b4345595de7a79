import type { EC2 } from '@aws-sdk/client-ec2';

/** Undefined for the default VPC's. */
export async function vpcOf(ec2: EC2, subnetId: string | undefined): Promise<string | undefined> {
  if (subnetId === undefined) return undefined;
  return (await ec2.describeSubnets({ SubnetIds: [subnetId] })).Subnets?.[0]?.VpcId;
}
