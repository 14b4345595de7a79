import { Command } from 'commander';
import { findContext } from '../../context.ts';
import { deploymentLines } from '../../deployments/deployment-lines.ts';
import { showDeployment } from '../../deployments/show-deployment.ts';
import { print, printJson } from '../../output.ts';

export function showDeploymentCommand(): Command {
  return new Command('show')
    .description('Show a deployment: how it stands, its times, its image')
    .argument('<deployment>', 'its id, or its name')
    .option('--json', 'print JSON for programs')
    .action(async (id: string, options: { readonly json?: true }) => {
      const deployment = await showDeployment(await findContext(), id);
      if (options.json) return printJson(deployment);
      for (const line of deploymentLines(deployment)) print(line);
    });
}
