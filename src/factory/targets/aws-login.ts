/**
 * How an AWS target logs in: keys or a profile that it names, else what the SDK finds (variables, SSO, an instance's
 * role), and on top of it a role to take on.
 */
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { type Environment, environment } from '../../platform/config-environment.ts';
import { FactoryError } from '../factory-error.ts';
import type { AwsSettings, EndpointSettings } from './settings.ts';

export interface AwsRole {
  readonly arn: string;
  readonly externalId?: string;
  readonly sessionName: string;
  readonly durationSeconds: number;
}

const usualSessionName = 'ingot';
const usualDurationSeconds = 3600;

/** The role that the target names, else the one of AWS_AUTH_METHOD=assume_role. */
export function roleOf(settings: AwsSettings, env: Environment = environment()): AwsRole | undefined {
  const { role } = settings;
  if (role !== undefined) {
    return {
      arn: role.arn,
      ...(role.external_id === undefined ? {} : { externalId: role.external_id }),
      sessionName: role.session_name ?? usualSessionName,
      durationSeconds: role.duration_seconds ?? usualDurationSeconds,
    };
  }
  const method = env.AWS_AUTH_METHOD || undefined;
  const choosesItself = settings.profile !== undefined || settings.keys !== undefined;
  if (method === undefined || choosesItself || method === 'access_keys') return undefined;
  if (method !== 'assume_role') {
    throw new FactoryError('invalid', `AWS_AUTH_METHOD is '${method}'; it can be assume_role or access_keys`);
  }
  if (!env.AWS_ASSUME_ROLE_ARN) {
    throw new FactoryError(
      'invalid',
      'AWS_AUTH_METHOD is assume_role, so AWS_ASSUME_ROLE_ARN must name the role',
    );
  }
  return {
    arn: env.AWS_ASSUME_ROLE_ARN,
    ...(env.AWS_EXTERNAL_ID ? { externalId: env.AWS_EXTERNAL_ID } : {}),
    sessionName: env.AWS_SESSION_NAME || usualSessionName,
    durationSeconds: usualDurationSeconds,
  };
}

/** Whose keys, in words for `ingot target list`; the secret ones are never in it. */
export function loginInWords(settings: AwsSettings | EndpointSettings): string {
  const by =
    settings.keys !== undefined
      ? `keys ${settings.keys.access_key_id}`
      : settings.profile !== undefined
        ? `profile ${settings.profile}`
        : 'what the AWS SDK finds';
  const role = settings.kind === 'aws' ? roleOf(settings) : undefined;
  return role === undefined ? by : `${by}, as ${role.arn}`;
}

export async function loginProvider(
  settings: AwsSettings | EndpointSettings,
  sts: { readonly region: string; readonly endpoint: string },
  env: Environment = environment(),
): Promise<AwsCredentialIdentityProvider> {
  const providers = await import('@aws-sdk/credential-providers');
  const own = ownLogin(settings, providers, sts, env);
  const role = settings.kind === 'aws' ? roleOf(settings, env) : undefined;
  if (role === undefined) return own;
  return providers.fromTemporaryCredentials({
    masterCredentials: own,
    params: {
      RoleArn: role.arn,
      RoleSessionName: role.sessionName,
      DurationSeconds: role.durationSeconds,
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    },
    clientConfig: sts,
  });
}

function ownLogin(
  { kind, keys, profile }: AwsSettings | EndpointSettings,
  providers: typeof import('@aws-sdk/credential-providers'),
  clientConfig: { readonly region: string; readonly endpoint: string },
  env: Environment,
): AwsCredentialIdentityProvider {
  if (keys !== undefined) {
    const { access_key_id, secret_access_key, session_token } = keys;
    return async () => ({
      accessKeyId: access_key_id,
      secretAccessKey: secret_access_key,
      ...(session_token === undefined ? {} : { sessionToken: session_token }),
    });
  }
  if (profile !== undefined)
    return providers.fromNodeProviderChain({ profile, clientConfig: { region: clientConfig.region } });
  if (kind === 'endpoint') {
    throw new FactoryError('invalid', 'A target at an endpoint of its own needs `keys` or a `profile`');
  }
  if (env.AWS_AUTH_METHOD === 'access_keys') return providers.fromEnv();
  if (env.AWS_ENDPOINT_URL_EC2 && env.AWS_ACCESS_KEY_ID) {
    throw new FactoryError(
      'invalid',
      `The server was started with AWS_ENDPOINT_URL_EC2=${env.AWS_ENDPOINT_URL_EC2}, so the AWS_ACCESS_KEY_ID beside ` +
        'it is not for AWS. Give the target a profile or keys, or start the server without those variables',
    );
  }
  return providers.fromNodeProviderChain({ clientConfig: { region: clientConfig.region } });
}
