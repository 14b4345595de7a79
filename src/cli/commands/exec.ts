import { Command } from 'commander';
import { findContext } from '../context.ts';
import { regionOption, userOption } from '../options.ts';
import type { ReachOptions } from '../ssh/reach.ts';

interface ExecOptions extends ReachOptions {
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
    .addOption(userOption())
    .option('-t, --tty', 'give it a terminal')
    .action(async (name: string, words: readonly string[], options: ExecOptions) => {
      const [{ reach }, run] = await Promise.all([import('../ssh/reach.ts'), import('../ssh/run.ts')]);
      const client = await reach(await findContext(), name, options);
      const command = run.commandLine(withoutDashes(words));
      process.exitCode = await run.runCommand(client, command, { pty: options.tty === true });
      client.end();
    });
}

/** With options passed through, the separator arrives as a word. */
function withoutDashes(words: readonly string[]): readonly string[] {
  return words[0] === '--' ? words.slice(1) : words;
}
