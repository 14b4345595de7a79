import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Deployment, DeploymentInput } from './deployment.ts';
import { updateDeployment } from './deployment-row.ts';
import { findDeployment } from './find-deployment.ts';
import { removalRunId, removalWorkflowName } from './removal-workflow.ts';

/** Ends it and removes its machine; answers when that is done. Its image stays; one that is being made is given up. */
export async function deleteDeployment(factory: Factory, idOrName: string): Promise<Deployment> {
  const { id, status } = await findDeployment(factory, idOrName);
  const { workflows } = factory;
  if (status === 'deleted') return await findDeployment(factory, id);
  const run = await workflows.find(id);
  if (run === undefined) {
    // Recorded by others: there is nothing of it that is ours to remove.
    await updateDeployment(factory, id, { status: 'deleted', deleted_at: factory.now().toISOString() });
    return await findDeployment(factory, id);
  }
  await updateDeployment(factory, id, { status: 'deleting' });
  const removal = removalRunId(id);
  if ((await workflows.find(removal))?.state === 'held') await workflows.resume(removal);
  const input = { deploymentId: id, deployment: run.input as DeploymentInput };
  await workflows.start(removalWorkflowName, { id: removal, input });
  const { state, failure } = await workflows.settled(removal);
  if (state === 'held') {
    throw new FactoryError(
      'conflict',
      `${id} is not deleted whole: ${failure?.message}. Deleting it again goes on from there`,
    );
  }
  return await findDeployment(factory, id);
}
