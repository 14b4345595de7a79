import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { Command } from 'commander';
import { environment } from '../../platform/config-environment.ts';
import { findContext } from '../context.ts';
import { CliError } from '../errors.ts';

export function awsCommand(): Command {
  return new Command('aws')
    .description("Run this machine's AWS CLI against the server, as in: ingot aws ec2 describe-images")
    .argument('[arguments...]', 'whatever aws takes')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: readonly string[]) => {
      const { url, credentials, region } = await findContext();
      // A profile or a session of one's own would come before the keys, or go with them.
      const { AWS_PROFILE, AWS_DEFAULT_PROFILE, AWS_SESSION_TOKEN, AWS_REGION, ...rest } = environment();
      const env = {
        ...rest,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_DEFAULT_REGION: region,
      };
      process.exitCode = await run('aws', ['--endpoint-url', url, ...args], env);
    });
}

async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn(program, args, { stdio: 'inherit', env });
  // The terminal sends Ctrl-C to both; aws decides what it means.
  process.on('SIGINT', () => undefined);
  child.once('error', (cause) =>
    reject(
      new CliError('The AWS CLI (`aws`) is not installed here. On Debian: apt-get install awscli', { cause }),
    ),
  );
  child.once('exit', (code, signal) =>
    resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
  );
  return await promise;
}
