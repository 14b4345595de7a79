import { Command } from 'commander';
import { findContext } from '../context.ts';
import { CliError, exitCodes } from '../errors.ts';
import { regionOption, userOption } from '../options.ts';
import type { ReachOptions } from '../ssh/reach.ts';

export function connectCommand(): Command {
  return new Command('connect')
    .description('Open a shell on an instance')
    .argument('<name>', 'its name or id')
    .addOption(regionOption())
    .addOption(userOption())
    .action(async (name: string, options: ReachOptions) => {
      if (!process.stdin.isTTY) {
        throw new CliError(`This is no terminal; for a command: ingot exec ${name} -- COMMAND`, {
          exitCode: exitCodes.usage,
        });
      }
      const [{ reach }, { runShell }] = await Promise.all([
        import('../ssh/reach.ts'),
        import('../ssh/run.ts'),
      ]);
      const client = await reach(await findContext(), name, options);
      process.exitCode = await runShell(client);
      client.end();
    });
}
