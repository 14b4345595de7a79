/** How to log in to a deployment's machine, with the deployment's own key. */

import { addressOf } from '../builds/steps/await-machine.ts';
import { readKey } from '../builds/steps/open-access.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { DeploymentResults } from './deployment.ts';
import { findDeployment } from './find-deployment.ts';

export interface DeploymentLogin {
  readonly instanceId: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
}

export async function deploymentLogin(factory: Factory, idOrName: string): Promise<DeploymentLogin> {
  const { id, target: name, region, status } = await findDeployment(factory, idOrName);
  const run = await factory.workflows.find(id);
  const results = Object.fromEntries(run?.steps.map((step) => [step.name, step.result]) ?? []);
  const { base, access, machine } = results as Partial<DeploymentResults>;
  if (base == null || access == null || machine == null || status === 'deleting' || status === 'deleted') {
    throw new FactoryError('conflict', `${id} is ${status} and has no machine that one could log in to`);
  }
  const target = await factory.targets.get(name);
  const address = await addressOf(await target.client(region), target, machine);
  return {
    instanceId: machine.instanceId,
    ...address,
    user: base.sshUser,
    privateKey: await readKey(access),
  };
}
