/** AWS's own addresses. They are always given to the SDK, since it would otherwise take them from variables. */
export async function awsEndpoint(
  service: 'ec2' | 'ebs' | 'sts' | 'api.pricing',
  region: string,
): Promise<string> {
  const { partition } = await import('@aws-sdk/core/client');
  return `https://${service}.${region}.${partition(region).dnsSuffix}`;
}

/** 'aws', 'aws-cn', …: what an ARN begins with. */
export async function partitionOf(region: string): Promise<string> {
  const { partition } = await import('@aws-sdk/core/client');
  return partition(region).name;
}
