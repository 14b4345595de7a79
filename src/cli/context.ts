/**
 * Which server a command talks to: the one that `INGOT_URL` names (with INGOT_TOKEN and the AWS keys beside it,
 * as `ingot env` prints them), else the one that runs on this home.
 */

import { homeFolder, loadConfig } from '../platform/config.ts';
import { type Environment, environment } from '../platform/config-environment.ts';
import { type Credentials, readClientSecrets } from '../server/secrets.ts';
import { readServerRecord } from '../server/server-record.ts';
import { CliError, exitCodes } from './errors.ts';

export interface Context {
  readonly home: string;
  readonly url: string;
  readonly token: string;
  readonly credentials: Credentials;
  /** Of the environment: what the server does for a command, it does for their account. */
  readonly givenKeys?: Credentials;
  /** Where a command acts unless told otherwise. */
  readonly region: string;
}

/** Throws with the way to start one where no server runs. */
export async function findContext(env: Environment = environment()): Promise<Context> {
  const context = env.INGOT_URL ? contextFrom(env, env.INGOT_URL) : await localContext(homeFolder(env));
  if (context !== undefined) return context;
  throw new CliError(
    `No Ingot server runs on ${homeFolder(env)}. Start it: ingot up --detach (or ingot up, to watch it)`,
    { exitCode: exitCodes.noServer },
  );
}

/** Of the server on a home; undefined where none runs. */
export async function localContext(home: string): Promise<Context | undefined> {
  const [record, secrets] = await Promise.all([readServerRecord(home), readClientSecrets(home)]);
  if (record === undefined || secrets === undefined) return undefined;
  const { regions } = await loadConfig({ home });
  const { root, adminToken } = secrets;
  return { home, url: record.url, token: adminToken, credentials: root, region: regions[0] ?? 'us-east-1' };
}

function contextFrom(env: Environment, url: string): Context {
  const { INGOT_TOKEN: token, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!token) {
    throw new CliError(
      'INGOT_URL is set, so INGOT_TOKEN must be too: `ingot env` prints both, `ingot token add` makes one for ' +
        'another person. Or unset INGOT_URL to use the server of this home.',
      { exitCode: exitCodes.usage },
    );
  }
  const given = accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
  return {
    home: homeFolder(env),
    url,
    token,
    // Asked for by what speaks EC2; a token alone opens the REST API.
    get credentials() {
      if (given !== undefined) return given;
      throw new CliError(
        'This command speaks EC2, so AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be set beside INGOT_URL: ' +
          '`ingot env` prints those of the home, `ingot account add` makes others.',
        { exitCode: exitCodes.usage },
      );
    },
    ...(given === undefined ? {} : { givenKeys: given }),
    region: env.AWS_DEFAULT_REGION || 'us-east-1',
  };
}
