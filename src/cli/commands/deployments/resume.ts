import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { findContext } from '../../context.ts';
import { print } from '../../output.ts';

export function resumeDeploymentCommand(): Command {
  return new Command('resume')
    .description('Go on with a failed deployment from the step that failed; readiness is asked anew')
    .argument('<deployment>', 'its id, or its name')
    .action(async (given: string) => {
      const context = await findContext();
      const request = apiClient(context).deployments[':deployment_id'].resume;
      const { id } = await replied(request.$post({ param: { deployment_id: given } }), context.url);
      print(`${id} goes on.  ingot deployments logs ${id} --follow`);
    });
}
