import { Command } from 'commander';
import { refusalOf } from '../../admin-client.ts';
import { runPath } from '../../builds/run-path.ts';
import { findContext } from '../../context.ts';

export function amiLogCommand(): Command {
  return new Command('log')
    .description('Print the log of a build or creation')
    .argument('<build>', 'its id')
    .action(async (id: string) => {
      const context = await findContext();
      const response = await fetch(`${context.url}${runPath(id)}/log`, {
        headers: { authorization: `Bearer ${context.token}` },
      });
      if (!response.ok) throw await refusalOf(response, context.url);
      process.stdout.write(await response.text());
    });
}
