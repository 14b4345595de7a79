/** Every EC2 operation served, one line each. */
import type { ActionName, Caller, InputOf, Operations, OutputOf } from '../ec2/types.ts';
import type { Cloud } from './cloud.ts';
import { createImage } from './images/create-image.ts';
import {
  rebootInstances,
  startInstances,
  stopInstances,
  terminateInstances,
} from './instances/change-state.ts';
import { describeInstances } from './instances/describe-instances.ts';
import { runInstances } from './instances/run-instances.ts';

type CloudOperations = {
  readonly [A in ActionName]?: (cloud: Cloud, input: InputOf<A>, caller: Caller) => Promise<OutputOf<A>>;
};

export const cloudOperations = {
  // images
  CreateImage: createImage,
  // instances
  DescribeInstances: describeInstances,
  RebootInstances: rebootInstances,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
} as const satisfies CloudOperations;

export const operationNames = Object.keys(cloudOperations) as readonly ActionName[];

/** The operations of one cloud, as the gateway calls them. */
export function bindOperations(cloud: Cloud): Operations {
  const bound = Object.entries(cloudOperations).map(([action, operation]) => [
    action,
    (input: never, caller: Caller) =>
      (operation as (c: Cloud, i: never, k: Caller) => Promise<unknown>)(cloud, input, caller),
  ]);
  return Object.fromEntries(bound) as Operations;
}
