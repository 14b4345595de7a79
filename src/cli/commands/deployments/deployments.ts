import { Command } from 'commander';
import { deleteDeploymentCommand } from './delete.ts';
import { importDeploymentsCommand } from './import.ts';
import { listDeploymentsCommand } from './list.ts';
import { deploymentLogsCommand } from './logs.ts';
import { resumeDeploymentCommand } from './resume.ts';
import { showDeploymentCommand } from './show.ts';

export function deploymentsCommand(): Command {
  return new Command('deployments')
    .description('Deployments and their images: list, show, logs, resume, delete, import')
    .addCommand(listDeploymentsCommand())
    .addCommand(showDeploymentCommand())
    .addCommand(deploymentLogsCommand())
    .addCommand(resumeDeploymentCommand())
    .addCommand(deleteDeploymentCommand())
    .addCommand(importDeploymentsCommand());
}
