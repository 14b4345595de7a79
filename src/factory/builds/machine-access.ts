/** How to log in to the machine of a build: one that runs, or one that was kept when it failed. */
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { BuildInput, BuildResults, Machine, MachineAccess } from './build.ts';
import { findBuild } from './find-build.ts';
import { addressOf } from './steps/await-machine.ts';
import { readKey } from './steps/open-access.ts';

export interface MachineLogin {
  readonly instanceId: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  /** Where the script and the output of the step that failed lie in it. */
  readonly failedStep?: string;
}

export async function machineLogin(factory: Factory, id: string): Promise<MachineLogin> {
  const build = await findBuild(factory, id);
  const run = await factory.workflows.find(id);
  const input = run?.input as BuildInput;
  const done = new Map(
    run?.steps.filter(({ state }) => state === 'done').map((step) => [step.name, step.result]),
  );
  const result = <Name extends keyof BuildResults>(name: Name) =>
    done.get(name) as BuildResults[Name] | undefined;
  const found = machineOf(result);
  const base = result('base');
  if (found === undefined || base === undefined || (build.state !== 'running' && build.state !== 'held')) {
    throw new FactoryError('conflict', `${id} is ${build.state} and has no machine that one could log in to`);
  }
  const target = await factory.targets.get(build.target);
  const { machine, access } = found;
  const address = await addressOf(await target.client(build.region), target, machine);
  const position = input.template.steps.findIndex(({ name }) => `step:${name}` === build.error?.step);
  return {
    instanceId: machine.instanceId,
    ...address,
    user: base.sshUser,
    privateKey: await readKey(access),
    ...(position < 0 ? {} : { failedStep: `/var/tmp/ingot-build/${id}-${position}.failed` }),
  };
}

/** The proof's machine, once there is one: the build's is cleaned by then, and lets nobody in. */
function machineOf(
  result: <Name extends keyof BuildResults>(name: Name) => BuildResults[Name] | undefined,
): { readonly machine: Machine; readonly access: MachineAccess } | undefined {
  const [proof, proofAccess] = [result('proof machine'), result('proof access')];
  if (proof !== undefined && proofAccess !== undefined) return { machine: proof, access: proofAccess };
  const [machine, access] = [result('machine'), result('access')];
  if (machine === undefined || access === undefined || result('clean') !== undefined) return undefined;
  return { machine, access };
}
