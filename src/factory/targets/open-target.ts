/** A target from its settings. The SDK is loaded with the first client, which every region keeps one of. */
import type { EBS } from '@aws-sdk/client-ebs';
import type { EC2 } from '@aws-sdk/client-ec2';
import type { Pricing } from '@aws-sdk/client-pricing';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { environment } from '../../platform/config-environment.ts';
import { awsEndpoint } from './aws-endpoints.ts';
import { loginProvider } from './aws-login.ts';
import type { TargetSettings } from './settings.ts';
import type { BuilderSettings, Target, TargetKind } from './target.ts';

/** The built-in cloud, as its server says. */
export interface LocalCloud {
  readonly endpoint: string;
  readonly credentials: AwsCredentialIdentity;
  readonly regions: readonly string[];
  readonly reach?: NonNullable<Target['reach']>;
}

/** Throttling is waited for; what is still at work is too. */
const attempts = 12;
const connectionTimeoutMs = 20_000;
const requestTimeoutMs = 300_000;
/** AWS serves the prices of all regions from a few. */
const priceListRegion = 'us-east-1';

/** All that could come from variables or files is said, so that none of them redirects a target. */
export function clientSettings(endpoint: string, region: string) {
  return {
    endpoint,
    region,
    maxAttempts: attempts,
    retryMode: 'adaptive',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    requestHandler: { connectionTimeout: connectionTimeoutMs, requestTimeout: requestTimeoutMs },
  };
}

interface Access {
  readonly kind: TargetKind;
  readonly regions: readonly string[];
  readonly ec2Endpoint: (region: string) => string | Promise<string>;
  readonly ebsEndpoint: (region: string) => string | Promise<string>;
  readonly stsEndpoint: (region: string) => string | Promise<string>;
  readonly credentials: () => Promise<AwsCredentialIdentity | AwsCredentialIdentityProvider>;
}

export function openTarget(name: string, settings: TargetSettings, local: LocalCloud): Target {
  const access = accessOf(settings, local);
  const clients = new Map<string, Promise<EC2>>();
  const ebsClients = new Map<string, Promise<EBS>>();
  let pricing: Promise<Pricing> | undefined;
  const region = access.regions[0] ?? 'us-east-1';
  let credentials: ReturnType<Access['credentials']> | undefined;
  let account: Promise<string> | undefined;
  const login = () => {
    credentials ??= access.credentials();
    return credentials;
  };
  return {
    name,
    kind: access.kind,
    regions: access.regions,
    builder: builderOf(settings),
    ...(settings.kind === 'local' && local.reach !== undefined ? { reach: local.reach } : {}),
    client(at) {
      const known = clients.get(at) ?? openClient(at);
      clients.set(at, known);
      return known;
    },
    ebs(at) {
      const known = ebsClients.get(at) ?? openEbs(at);
      ebsClients.set(at, known);
      return known;
    },
    ...(access.kind === 'aws'
      ? {
          pricing() {
            pricing ??= openPricing();
            return pricing;
          },
        }
      : {}),
    accountId() {
      // A failure isn't kept: the login may be mended meanwhile.
      account ??= whoAmI().catch((error: unknown) => {
        account = undefined;
        throw error;
      });
      return account;
    },
  };

  async function openClient(at: string): Promise<EC2> {
    const [{ EC2 }, endpoint, keys] = await Promise.all([
      import('@aws-sdk/client-ec2'),
      access.ec2Endpoint(at),
      login(),
    ]);
    return new EC2({ ...clientSettings(endpoint, at), credentials: keys });
  }

  async function openEbs(at: string): Promise<EBS> {
    const [{ EBS }, endpoint, keys] = await Promise.all([
      import('@aws-sdk/client-ebs'),
      access.ebsEndpoint(at),
      login(),
    ]);
    return new EBS({ ...clientSettings(endpoint, at), credentials: keys });
  }

  async function openPricing(): Promise<Pricing> {
    const [{ Pricing }, endpoint, keys] = await Promise.all([
      import('@aws-sdk/client-pricing'),
      awsEndpoint('api.pricing', priceListRegion),
      login(),
    ]);
    return new Pricing({ ...clientSettings(endpoint, priceListRegion), credentials: keys });
  }

  async function whoAmI(): Promise<string> {
    const [{ STS }, endpoint, keys] = await Promise.all([
      import('@aws-sdk/client-sts'),
      access.stsEndpoint(region),
      login(),
    ]);
    const sts = new STS({ ...clientSettings(endpoint, region), credentials: keys });
    const { Account = '' } = await sts.getCallerIdentity({});
    return Account;
  }
}

function accessOf(settings: TargetSettings, local: LocalCloud): Access {
  switch (settings.kind) {
    case 'local':
      return {
        kind: 'local',
        regions: local.regions,
        ec2Endpoint: () => local.endpoint,
        ebsEndpoint: () => local.endpoint,
        stsEndpoint: () => local.endpoint,
        credentials: async () => local.credentials,
      };
    case 'aws': {
      const env = environment();
      const regions = settings.regions ?? [env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1'];
      const [region = 'us-east-1'] = regions;
      return {
        kind: 'aws',
        regions,
        ec2Endpoint: (at) => awsEndpoint('ec2', at),
        ebsEndpoint: (at) => awsEndpoint('ebs', at),
        stsEndpoint: (at) => awsEndpoint('sts', at),
        credentials: async () =>
          loginProvider(settings, { region, endpoint: await awsEndpoint('sts', region) }),
      };
    }
    case 'endpoint': {
      const regions = settings.regions ?? ['us-east-1'];
      const [region = 'us-east-1'] = regions;
      const stsUrl = settings.sts_url ?? settings.url;
      return {
        kind: 'endpoint',
        regions,
        ec2Endpoint: () => settings.url,
        ebsEndpoint: () => settings.url,
        stsEndpoint: () => stsUrl,
        credentials: () => loginProvider(settings, { region, endpoint: stsUrl }),
      };
    }
    default:
      return settings satisfies never;
  }
}

/** Small at home, where machines share the host's memory. */
function builderOf({ kind, builder = {} }: TargetSettings): BuilderSettings {
  const size = kind === 'local' ? 'micro' : 'medium';
  return {
    instanceType: {
      x86_64: builder.instance_type?.x86_64 ?? `t3.${size}`,
      arm64: builder.instance_type?.arm64 ?? `t4g.${size}`,
    },
    ...(builder.subnet_id === undefined ? {} : { subnetId: builder.subnet_id }),
    ...(builder.security_group_id === undefined ? {} : { securityGroupId: builder.security_group_id }),
    ...(builder.key_pair === undefined
      ? {}
      : { keyPair: { name: builder.key_pair.name, privateKeyFile: builder.key_pair.private_key_file } }),
    address: builder.address ?? 'public',
    sshSource: builder.ssh_source ?? '0.0.0.0/0',
  };
}
