import { Command } from 'commander';
import { findContext } from '../context.ts';
import { findMachine } from '../ec2/find-instance.ts';
import { regionOption } from '../options.ts';
import { sshTarget } from '../ssh/target.ts';
import { patienceMs } from './connect.ts';

interface ExecOptions {
  readonly region?: string;
  readonly user?: string;
  readonly tty?: true;
}

export function execCommand(): Command {
  return new Command('exec')
    .description("Run a command on an instance; ends with the command's exit status (255: no connection)")
    .usage('[options] <name> -- <command...>')
    .argument('<name>', 'its name or id')
    .argument(
      '<command...>',
      'one argument is a line for the shell there; several are words, each kept whole',
    )
    .passThroughOptions()
    .addOption(regionOption())
    .option('-u, --user <user>', "the user to log in as; the image's own unless told")
    .option('-t, --tty', 'give it a terminal')
    .action(async (name: string, words: readonly string[], options: ExecOptions) => {
      const context = await findContext();
      const target = await sshTarget(context, await findMachine(context, name, options.region), options.user);
      const [{ openSsh }, run] = await Promise.all([import('../ssh/open.ts'), import('../ssh/run.ts')]);
      const client = await openSsh(target, { home: context.home, patienceMs });
      process.exitCode = await run.runCommand(client, run.commandLine(withoutDashes(words)), {
        pty: options.tty === true,
      });
      client.end();
    });
}

/** Whatever commander leaves of the separator. */
function withoutDashes(words: readonly string[]): readonly string[] {
  return words[0] === '--' ? words.slice(1) : words;
}
