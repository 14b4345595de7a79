/** The official EC2 client. Endpoint and keys are always given, so that no variable or profile redirects it. */
import type { EC2 } from '@aws-sdk/client-ec2';
import type { Context } from '../context.ts';

/** Loaded when first needed: the SDK takes half a second. */
export async function ec2Client(context: Pick<Context, 'url' | 'credentials'>, region: string): Promise<EC2> {
  const sdk = await import('@aws-sdk/client-ec2');
  return new sdk.EC2({ region, endpoint: context.url, credentials: context.credentials });
}

/** Every region that the cloud serves. */
export async function regionNames(context: Context): Promise<readonly string[]> {
  const { Regions = [] } = await (await ec2Client(context, context.region)).describeRegions({});
  return Regions.flatMap(({ RegionName }) => RegionName ?? []);
}
