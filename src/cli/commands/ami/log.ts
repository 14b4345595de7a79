import { Command } from 'commander';
import { apiClient } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { CliError, exitCodes } from '../../errors.ts';

export function amiLogCommand(): Command {
  return new Command('log')
    .description("Print a build's log")
    .argument('<build>', 'the id of the build')
    .action(async (id: string) => {
      const context = await findContext();
      const response = await apiClient(context).builds[':build_id'].log.$get({ param: { build_id: id } });
      if (response.status === 404) {
        throw new CliError(`There is no build '${id}'; ingot ami builds lists them`, {
          exitCode: exitCodes.notFound,
        });
      }
      process.stdout.write(await response.text());
    });
}
