/** A machine by its id or by the name that people gave it (the tag `Name`), in any region of a target. */
import type { Instance } from '@aws-sdk/client-ec2';
import { nearest } from '../../platform/nearest.ts';
import { tagsOf } from '../aws/tags.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';

export interface FoundMachine {
  readonly target: string;
  readonly region: string;
  readonly instanceId: string;
  readonly name: string;
  readonly architecture: string;
}

const living = ['pending', 'running', 'stopping', 'stopped', 'shutting-down'];

/** Throws where nothing, or more than one thing, goes by that name. `region`: looks only there. */
export async function findMachine(
  factory: Pick<Factory, 'targets'>,
  given: {
    readonly target: string;
    readonly region?: string | undefined;
    readonly nameOrId: string;
  },
): Promise<FoundMachine> {
  const machines = await listMachines(factory, given);
  const { nameOrId } = given;
  const matches = machines.filter(({ instanceId, name }) => instanceId === nameOrId || name === nameOrId);
  const [match] = matches;
  if (match === undefined) throw unknown(nameOrId, given.target, machines);
  if (matches.length === 1) return match;
  const list = matches.map(({ instanceId, region }) => `${instanceId} in ${region}`).join(', ');
  throw new FactoryError(
    'conflict',
    `${matches.length} machines are named '${nameOrId}': ${list}. Give an id`,
  );
}

async function listMachines(
  factory: Pick<Factory, 'targets'>,
  { target: name, region }: { readonly target: string; readonly region?: string | undefined },
): Promise<readonly FoundMachine[]> {
  const target = await factory.targets.get(name);
  const { paginateDescribeInstances } = await import('@aws-sdk/client-ec2');
  const regions = region === undefined ? target.regions : [region];
  const found = await Promise.all(
    regions.map(async (each) => {
      const client = await target.client(each);
      const Filters = [{ Name: 'instance-state-name', Values: living }];
      const machines: FoundMachine[] = [];
      for await (const { Reservations = [] } of paginateDescribeInstances({ client }, { Filters })) {
        for (const { Instances = [] } of Reservations) {
          machines.push(...Instances.map((instance) => toMachine(instance, name, each)));
        }
      }
      return machines;
    }),
  );
  return found.flat();
}

function toMachine(instance: Instance, target: string, region: string): FoundMachine {
  return {
    target,
    region,
    instanceId: instance.InstanceId ?? '',
    name: tagsOf(instance).Name ?? '',
    architecture: instance.Architecture ?? '',
  };
}

function unknown(given: string, target: string, machines: readonly FoundMachine[]): FactoryError {
  const names = machines.map(({ name }) => name).filter((name) => name !== '');
  const near = nearest(given, names);
  const hint = near === undefined ? 'ingot list shows those that there are' : `Did you mean '${near}'?`;
  return new FactoryError('not-found', `No machine of ${target} has the name or id '${given}'. ${hint}`);
}
