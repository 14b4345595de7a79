import { Command } from 'commander';
import { apiClient, replied } from '../../api-client.ts';
import { type ConsentOptions, consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { appOf } from '../../deployments/deployment-lines.ts';
import { type DeploymentBody, showDeployment } from '../../deployments/show-deployment.ts';
import { dryRunOption, yesOption } from '../../options.ts';
import { print } from '../../output.ts';

export function deleteDeploymentCommand(): Command {
  return new Command('delete')
    .description('End a deployment and terminate its machine; the image that it left stays')
    .argument('<deployment>', 'its id, or its name')
    .addOption(dryRunOption())
    .addOption(yesOption())
    .action(async (given: string, options: ConsentOptions) => {
      const context = await findContext();
      const deployment = await showDeployment(context, given);
      for (const line of planLines(deployment)) print(line);
      if (deployment.status === 'deleted') return;
      if (!(await consents(`Delete ${deployment.job_name}?`, options))) return;
      const request = apiClient(context).deployments[':deployment_id'];
      await replied(request.$delete({ param: { deployment_id: deployment.id } }), context.url);
      print(`${deployment.id} is deleted`);
    });
}

function planLines(deployment: DeploymentBody): readonly string[] {
  const { id, status, instance_id: machine, created_ami_id: image } = deployment;
  if (status === 'deleted') return [`${id} is deleted already`];
  const making = ['pending', 'creating'].includes(deployment.ami_creation_status ?? '');
  return [
    `${deployment.job_name} (${id}), ${appOf(deployment)}:`,
    machine === null ? '   no machine yet' : `   terminates ${machine} with its disks`,
    ...(image === null ? [] : [`   keeps the image ${image}`]),
    ...(making ? ['   gives up the image that is being made'] : []),
  ];
}
