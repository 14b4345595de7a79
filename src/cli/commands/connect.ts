import { Command } from 'commander';
import { findContext } from '../context.ts';
import { findMachine } from '../ec2/find-instance.ts';
import { CliError, exitCodes } from '../errors.ts';
import { regionOption } from '../options.ts';
import { sshTarget } from '../ssh/target.ts';

interface ConnectOptions {
  readonly region?: string;
  readonly user?: string;
}

export const patienceMs = 30_000;

export function connectCommand(): Command {
  return new Command('connect')
    .description('Open a shell on an instance')
    .argument('<name>', 'its name or id')
    .addOption(regionOption())
    .option('-u, --user <user>', "the user to log in as; the image's own unless told")
    .action(async (name: string, options: ConnectOptions) => {
      if (!process.stdin.isTTY) {
        throw new CliError(`This is no terminal; for a command: ingot exec ${name} -- COMMAND`, {
          exitCode: exitCodes.usage,
        });
      }
      const context = await findContext();
      const target = await sshTarget(context, await findMachine(context, name, options.region), options.user);
      const [{ openSsh }, { runShell }] = await Promise.all([
        import('../ssh/open.ts'),
        import('../ssh/run.ts'),
      ]);
      const client = await openSsh(target, { home: context.home, patienceMs });
      process.exitCode = await runShell(client);
      client.end();
    });
}
