import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import { updateDeployment } from './deployment-row.ts';
import { findDeployment } from './find-deployment.ts';

/** A failed deployment goes on from the step that failed; readiness is asked anew, with all its attempts. */
export async function resumeDeployment(factory: Factory, idOrName: string): Promise<string> {
  const { id, status } = await findDeployment(factory, idOrName);
  const run = await factory.workflows.find(id);
  if (run?.state !== 'held' || status === 'deleting') {
    throw new FactoryError('conflict', `${id} is ${status}. Only a failed deployment can be resumed`);
  }
  await updateDeployment(factory, id, {
    status: 'deploying',
    error: null,
    ready_check_attempts: 0,
    ami_creation_status: null,
    ami_creation_reason: null,
  });
  await factory.workflows.resume(id);
  return id;
}
