/**
 * One end of a transfer: any EC2 with EBS direct, through the official clients alone. The far end is an address and
 * a login, or a target's name (`target-end.ts`).
 */
import type { EBS } from '@aws-sdk/client-ebs';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { Context } from '../context.ts';

export interface CloudEnd {
  /** For messages: an address, or 'AWS', with the region. */
  readonly title: string;
  readonly region: string;
  readonly ec2: EC2;
  readonly ebs: EBS;
}

export interface FarEnd {
  /** AWS itself where absent. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Of the AWS configuration files; where absent, AWS's own order: variables, default profile, the machine's role. */
  readonly profile?: string | undefined;
}

/** Throttled requests come again later, and slower: the SDK's adaptive mode finds the rate that the far end takes. */
const retries = { maxAttempts: 12, retryMode: 'adaptive' } as const;

export async function nearEnd({ url, credentials }: Context, region: string): Promise<CloudEnd> {
  return await open(`${url} ${region}`, { endpoint: url, region, credentials });
}

export async function farEnd({ endpoint, region, profile }: FarEnd): Promise<CloudEnd> {
  const { fromIni, fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  const credentials = profile === undefined ? fromNodeProviderChain() : fromIni({ profile });
  const place = endpoint === undefined ? {} : { endpoint };
  return await open(`${endpoint ?? 'AWS'} ${region}`, { ...place, region, credentials });
}

type Settings = NonNullable<ConstructorParameters<typeof EC2>[0]>;

async function open(
  title: string,
  settings: Pick<Settings, 'endpoint' | 'credentials'> & { readonly region: string },
): Promise<CloudEnd> {
  const [{ EC2 }, { EBS }] = await Promise.all([
    import('@aws-sdk/client-ec2'),
    import('@aws-sdk/client-ebs'),
  ]);
  const all = { ...settings, ...retries };
  return {
    title,
    region: settings.region,
    ec2: new EC2(all),
    ebs: new EBS(all as ConstructorParameters<typeof EBS>[0] & {}),
  };
}
