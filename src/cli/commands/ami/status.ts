import { Command } from 'commander';
import { findContext } from '../../context.ts';
import { statusLines } from '../../creations/creation-lines.ts';
import { followCreation } from '../../creations/follow-creation.ts';
import { showCreation } from '../../creations/show-creation.ts';
import { print, printJson } from '../../output.ts';

interface StatusOptions {
  readonly follow?: true;
  readonly json?: true;
  readonly quiet?: true;
}

export function amiStatusCommand(): Command {
  return new Command('status')
    .description('Tell how a creation stands')
    .argument('<id>', "the creation's id, or its image's")
    .option('-f, --follow', 'stay until it is over')
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', 'print the status alone')
    .action(async (id: string, options: StatusOptions) => {
      const context = await findContext();
      if (options.follow) return await followCreation(context, id, options);
      const creation = await showCreation(context, id);
      if (options.json) return printJson(creation);
      if (options.quiet) return print(creation.status);
      for (const line of statusLines(creation)) print(line);
    });
}
