import { Command } from 'commander';
import { refusalOf } from '../../admin-client.ts';
import { apiClient } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { followDeployment } from '../../deployments/follow-deployment.ts';
import { showDeployment } from '../../deployments/show-deployment.ts';

export function deploymentLogsCommand(): Command {
  return new Command('logs')
    .description("Print a deployment's log, with the lines of its image")
    .argument('<deployment>', 'its id, or its name')
    .option('-f, --follow', 'go on until it and its image are done')
    .action(async (given: string, options: { readonly follow?: true }) => {
      const context = await findContext();
      const { id } = await showDeployment(context, given);
      if (options.follow) {
        await followDeployment(id, { image: true, quiet: false, verbose: true });
        return;
      }
      const request = apiClient(context).deployments[':deployment_id'].log;
      const response = await request.$get({ param: { deployment_id: id } });
      if (!response.ok) throw await refusalOf(response, context.url);
      process.stdout.write(await response.text());
    });
}
