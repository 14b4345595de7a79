/** Which references DescribeImageReferences looks for. Parameters and image recipes are not in this cloud. */
import type { DescribeImageReferencesRequest, ResourceTypeRequest } from '@aws-sdk/client-ec2';
import { invalidValue, missingParameter } from '../../ec2/request-faults.ts';
import { type InstanceState, stateCodes } from '../instances/record.ts';

export interface ReferenceScope {
  readonly instanceStates: readonly InstanceState[] | undefined;
  /** How many of a launch template's newest versions count. */
  readonly versionDepth: number | undefined;
}

const types = [
  'ec2:Instance',
  'ec2:LaunchTemplate',
  'ssm:Parameter',
  'imagebuilder:ImageRecipe',
  'imagebuilder:ContainerRecipe',
];
const allStates = Object.keys(stateCodes) as readonly InstanceState[];
const defaultDepth = 10;
const maxDepth = 10_000;

export function referenceScope(input: DescribeImageReferencesRequest): ReferenceScope {
  const { IncludeAllResourceTypes: all = false, ResourceTypes: asked = [] } = input;
  if (!all && asked.length === 0) throw missingParameter('IncludeAllResourceTypes or ResourceTypes');
  for (const { ResourceType: type } of asked) {
    if (type === undefined || !types.includes(type)) {
      throw invalidValue(type ?? '', 'resourceType', `Allowed: ${types.join(', ')}.`);
    }
  }
  const instance = asked.find(({ ResourceType: type }) => type === 'ec2:Instance');
  const template = asked.find(({ ResourceType: type }) => type === 'ec2:LaunchTemplate');
  return {
    instanceStates: all || instance !== undefined ? states(instance) : undefined,
    versionDepth: all || template !== undefined ? depth(template) : undefined,
  };
}

function states(request: ResourceTypeRequest | undefined): readonly InstanceState[] {
  const values = option(request, 'state-name');
  if (values === undefined) return allStates;
  const wrong = values.find((value) => !(allStates as readonly string[]).includes(value));
  if (wrong !== undefined) throw invalidValue(wrong, 'state-name', `Allowed: ${allStates.join(', ')}.`);
  return values as readonly InstanceState[];
}

function depth(request: ResourceTypeRequest | undefined): number {
  const [value] = option(request, 'version-depth') ?? [String(defaultDepth)];
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= maxDepth) return number;
  throw invalidValue(value ?? '', 'version-depth', `Allowed: 1 to ${maxDepth}.`);
}

function option(request: ResourceTypeRequest | undefined, name: string): readonly string[] | undefined {
  const options = request?.ResourceTypeOptions ?? [];
  const wrong = options.find(
    ({ OptionName: given }) =>
      given !== (request?.ResourceType === 'ec2:Instance' ? 'state-name' : 'version-depth'),
  );
  if (wrong !== undefined) {
    throw invalidValue(
      wrong.OptionName ?? '',
      'optionName',
      `${request?.ResourceType} has the option ${name}.`,
    );
  }
  return options.find(({ OptionName: given }) => given === name)?.OptionValues;
}
