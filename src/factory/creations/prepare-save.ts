/**
 * `ingot save`: one machine or several. Several become one version of one template where each is in a region or
 * architecture of its own; else they are variants: templates of their own, named after their machines.
 */
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Consistency } from './creation.ts';
import type { CreationInput } from './creation-input.ts';
import { type FoundMachine, findMachine } from './find-machine.ts';
import { nextVersion } from './next-version.ts';
import { prepareCreation } from './prepare-creation.ts';

export interface SaveRequest {
  /** Names or ids. */
  readonly instances: readonly string[];
  readonly target: string;
  /** Where to look for them; every region of the target unless told. */
  readonly region?: string | undefined;
  readonly template: string;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  readonly consistency: Consistency;
  readonly prove: boolean;
  readonly copyToRegions: readonly string[];
  readonly public: boolean;
  readonly shareWith: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly project?: string | undefined;
}

/** Refuses all of them where one can't begin. */
export async function prepareSave(
  factory: Factory,
  { instances, template, ...request }: SaveRequest,
): Promise<readonly CreationInput[]> {
  const { target, region } = request;
  const machines = await Promise.all(
    instances.map((nameOrId) => findMachine(factory, { target, region, nameOrId })),
  );
  refuseTwice(machines);
  const together = new Set(machines.map(placeOf)).size === machines.length;
  // One version for all of them: each alone would find the next.
  const version =
    request.version ?? (together ? await nextVersion(factory, { target, template }) : undefined);
  return await Promise.all(
    machines.map((machine) =>
      prepareCreation(factory, {
        ...request,
        region: machine.region,
        instanceId: machine.instanceId,
        ...(machine.name === '' ? {} : { instanceName: machine.name }),
        template: together ? template : `${template}-${slugOf(machine)}`,
        version,
        kind: 'save',
        register: true,
      }),
    ),
  );
}

function refuseTwice(machines: readonly FoundMachine[]): void {
  const ids = machines.map(({ instanceId }) => instanceId);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice === undefined) return;
  throw new FactoryError('invalid', `${twice} is named twice: a machine is saved once`);
}

function placeOf({ region, architecture }: FoundMachine): string {
  return `${region} ${architecture}`;
}

function slugOf({ name, instanceId }: FoundMachine): string {
  const slug = name.toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-');
  return slug === '' ? instanceId : slug;
}
