import { randomBytes } from 'node:crypto';
import type { Factory } from '../factory.ts';
import type { DeploymentInput } from './deployment.ts';
import { deploymentWorkflowName } from './deployment-workflow.ts';
import { recordDeployment } from './record-deployment.ts';

/** Answers its id. The run's own first step writes the record too, so that neither is ever without the other. */
export async function startDeployment(factory: Factory, input: DeploymentInput): Promise<string> {
  const id = `deploy-${randomBytes(5).toString('hex')}`;
  await factory.workflows.start(deploymentWorkflowName, { id, input });
  await recordDeployment(factory, id, input);
  return id;
}
