/** Instances by the name that people gave them (the tag `Name`) or by id, in every region unless one is given. */
import type { Filter, Instance } from '@aws-sdk/client-ec2';
import { nearest } from '../../platform/nearest.ts';
import type { Context } from '../context.ts';
import { CliError, exitCodes } from '../errors.ts';
import { ec2Client, regionNames } from './client.ts';

export interface Machine {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly state: string;
  readonly instance: Instance;
}

const livingStates = ['pending', 'running', 'stopping', 'stopped', 'shutting-down'];

/** Oldest first. Terminated ones are left out unless `all`. */
export async function listMachines(
  context: Context,
  options: { readonly region?: string | undefined; readonly all?: boolean } = {},
): Promise<readonly Machine[]> {
  const regions = options.region === undefined ? await regionNames(context) : [options.region];
  const filters: Filter[] = options.all ? [] : [{ Name: 'instance-state-name', Values: livingStates }];
  const found = await Promise.all(regions.map((region) => machinesIn(context, region, filters)));
  return found.flat().sort((a, b) => launchedAt(a) - launchedAt(b));
}

/** Throws where nothing, or more than one thing, has that name. */
export async function findMachine(context: Context, nameOrId: string, region?: string): Promise<Machine> {
  const machines = await listMachines(context, { region });
  const matches = machines.filter(({ name, id }) => id === nameOrId || name === nameOrId);
  const [match] = matches;
  if (match === undefined) throw unknownMachine(nameOrId, machines);
  if (matches.length === 1) return match;
  const list = matches.map((each) => `  ${each.id}  ${each.region}  ${each.state}`).join('\n');
  throw new CliError(`${matches.length} instances are named '${nameOrId}'; give the id of one:\n${list}`, {
    exitCode: exitCodes.notFound,
  });
}

/** What a machine is now. */
export async function refreshMachine(
  context: Context,
  machine: Pick<Machine, 'id' | 'region'>,
): Promise<Machine> {
  const filters = [{ Name: 'instance-id', Values: [machine.id] }];
  const [now] = await machinesIn(context, machine.region, filters);
  if (now !== undefined) return now;
  throw new CliError(`The instance ${machine.id} is gone`, { exitCode: exitCodes.notFound });
}

async function machinesIn(context: Context, region: string, filters: Filter[]): Promise<readonly Machine[]> {
  const client = await ec2Client(context, region);
  const sdk = await import('@aws-sdk/client-ec2');
  const machines: Machine[] = [];
  for await (const page of sdk.paginateDescribeInstances({ client }, { Filters: filters })) {
    for (const reservation of page.Reservations ?? []) {
      machines.push(...(reservation.Instances ?? []).map((instance) => toMachine(instance, region)));
    }
  }
  return machines;
}

export function toMachine(instance: Instance, region: string): Machine {
  return {
    id: instance.InstanceId ?? '',
    name: instance.Tags?.find(({ Key }) => Key === 'Name')?.Value ?? '',
    region,
    state: instance.State?.Name ?? 'unknown',
    instance,
  };
}

function launchedAt({ instance }: Machine): number {
  return instance.LaunchTime?.getTime() ?? 0;
}

function unknownMachine(given: string, machines: readonly Machine[]): CliError {
  const names = machines.map(({ name }) => name).filter((name) => name !== '');
  const near = nearest(given, names);
  const hint = near === undefined ? 'ingot list shows those that there are' : `Did you mean '${near}'?`;
  return new CliError(`No instance has the name or id '${given}'. ${hint}`, { exitCode: exitCodes.notFound });
}
