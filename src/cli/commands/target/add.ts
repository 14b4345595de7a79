import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { type Environment, environment } from '../../../platform/config-environment.ts';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { CliError, exitCodes } from '../../errors.ts';
import { print, printJson } from '../../output.ts';

interface Options {
  readonly url?: string;
  readonly stsUrl?: string;
  readonly profile?: string;
  readonly keysFromEnv?: true;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly sessionName?: string;
  readonly regions?: string;
  readonly instanceType?: string;
  readonly instanceTypeArm64?: string;
  readonly subnet?: string;
  readonly securityGroup?: string;
  readonly keyPair?: string;
  readonly privateKey?: string;
  readonly address?: 'public' | 'private';
  readonly sshSource?: string;
  readonly replace?: true;
  readonly json?: true;
}

export function targetAddCommand(): Command {
  return new Command('add')
    .description('Add a target: AWS, or with --url any EC2. It is kept in targets.yaml, for its owner alone')
    .argument('<name>', 'what to call it; `local` sets the builders of the built-in cloud')
    .option('--url <url>', 'the EC2 endpoint; AWS unless told')
    .option('--sts-url <url>', 'its STS endpoint; the same unless told')
    .option('--profile <name>', 'log in with this profile of the AWS configuration files')
    .option('--keys-from-env', 'keep the keys that AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold now')
    .option('--role-arn <arn>', 'take on this role')
    .option('--external-id <id>', 'the external id that the role asks for')
    .option('--session-name <name>', "the role session's name")
    .option('--regions <list>', 'the regions to work in, as in us-east-1,eu-west-1; builds go to the first')
    .option('--instance-type <type>', 'the builders for x86_64')
    .option('--instance-type-arm64 <type>', 'the builders for arm64')
    .option('--subnet <id>', "the builders' subnet; the default VPC's unless told")
    .option('--security-group <id>', "the builders' security group; one is made for each build unless told")
    .option('--key-pair <name>', "the builders' key pair, with --private-key; one is made unless told")
    .option('--private-key <file>', 'the private half of --key-pair')
    .addOption(new Option('--address <which>', 'where SSH goes').choices(['public', 'private']))
    .option('--ssh-source <range>', 'who may reach the builders by SSH, as in 203.0.113.7/32')
    .option('--replace', 'put it in the place of a target of that name')
    .option('--json', 'print JSON for programs')
    .action(async (name: string, options: Options) => {
      const context = await findContext();
      const request = apiClient(context).targets[':name'].$put({
        param: { name },
        query: options.replace ? { replace: 'true' } : {},
        json: settingsOf(name, options, environment()),
      });
      const target = await replied(request, context.url);
      if (options.json) return printJson(target);
      print(`${target.name}: ${target.endpoint}, ${target.login}, in ${target.regions.join(', ')}`);
      print(`Next: ingot target check ${target.name}`);
    });
}

function settingsOf(name: string, options: Options, env: Environment) {
  const builder = builderOf(options);
  if (name === 'local') return { kind: 'local' as const, builder };
  const login = {
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    ...(options.keysFromEnv === undefined ? {} : { keys: keysFrom(env) }),
  };
  const regions = options.regions === undefined ? {} : { regions: options.regions.split(',') };
  if (options.url !== undefined) {
    const sts = options.stsUrl === undefined ? {} : { sts_url: options.stsUrl };
    return { kind: 'endpoint' as const, url: options.url, ...sts, ...login, ...regions, builder };
  }
  return { kind: 'aws' as const, ...login, ...roleOf(options), ...regions, builder };
}

function roleOf({ roleArn, externalId, sessionName }: Options) {
  if (roleArn === undefined) {
    if (externalId === undefined && sessionName === undefined) return {};
    throw usage('--external-id and --session-name belong to --role-arn');
  }
  return {
    role: {
      arn: roleArn,
      ...(externalId === undefined ? {} : { external_id: externalId }),
      ...(sessionName === undefined ? {} : { session_name: sessionName }),
    },
  };
}

function keysFrom(env: Environment) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    throw usage('--keys-from-env needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment');
  }
  return {
    access_key_id: AWS_ACCESS_KEY_ID,
    secret_access_key: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { session_token: AWS_SESSION_TOKEN } : {}),
  };
}

function builderOf(options: Options) {
  const { instanceType, instanceTypeArm64, keyPair, privateKey } = options;
  if ((keyPair === undefined) !== (privateKey === undefined)) {
    throw usage('--key-pair and --private-key belong together');
  }
  const types = {
    ...(instanceType === undefined ? {} : { x86_64: instanceType }),
    ...(instanceTypeArm64 === undefined ? {} : { arm64: instanceTypeArm64 }),
  };
  return {
    ...(Object.keys(types).length === 0 ? {} : { instance_type: types }),
    ...(options.subnet === undefined ? {} : { subnet_id: options.subnet }),
    ...(options.securityGroup === undefined ? {} : { security_group_id: options.securityGroup }),
    ...(keyPair === undefined || privateKey === undefined
      ? {}
      : { key_pair: { name: keyPair, private_key_file: resolve(privateKey) } }),
    ...(options.address === undefined ? {} : { address: options.address }),
    ...(options.sshSource === undefined ? {} : { ssh_source: options.sshSource }),
  };
}

function usage(message: string): CliError {
  return new CliError(message, { exitCode: exitCodes.usage });
}
