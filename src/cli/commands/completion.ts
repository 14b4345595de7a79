import { Argument, Command } from 'commander';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { type Place, placesOf } from '../completion/places.ts';
import { zshScript } from '../completion/zsh.ts';
import { print } from '../output.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } satisfies Readonly<
  Record<string, (places: readonly Place[]) => string>
>;

export function completionCommand(): Command {
  return new Command('completion')
    .description('Print a script that completes commands, options and names in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      `
For good:
  bash   echo 'eval "$(ingot completion bash)"' >> ~/.bashrc
  zsh    echo 'eval "$(ingot completion zsh)"' >> ~/.zshrc     after compinit
  fish   echo 'ingot completion fish | source' >> ~/.config/fish/config.fish`,
    )
    .action((shell: keyof typeof scripts, _options: unknown, command: Command) => {
      print(scripts[shell](placesOf(command.parent ?? command)).trimEnd());
    });
}
