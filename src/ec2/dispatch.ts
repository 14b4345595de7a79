/** From an action's name to the function that serves it: here, or at the far end of a bus. */
import { Ec2Fault } from './faults.ts';
import type { Caller, Operations } from './types.ts';

/** What an operation is once its types no longer matter. */
export type AnyOperation = (input: unknown, caller: Caller) => Promise<unknown>;

/** Throws UnsupportedOperation for an action that the record lacks: 400, so that no client tries again. */
export function servedOperation(operations: Operations, action: string): AnyOperation {
  // The record's names are those of the model; only its types say which input belongs to which.
  const served = operations as Readonly<Record<string, unknown>>;
  const operation = Object.hasOwn(served, action) ? served[action] : undefined;
  if (typeof operation === 'function') return operation as AnyOperation;
  throw new Ec2Fault(
    'UnsupportedOperation',
    `${action} is an EC2 action that this cloud does not serve; docs/reference/ec2-coverage.md lists those it does.`,
  );
}

/**
 * Runs one operation on a decoded input. Both ends of a bus use it: the gateway with a record of functions
 * that send, the cloud with the record of functions that act.
 * A dry run that returns has skipped `endDryRun` and may have acted: that is a defect, thrown as a plain error.
 */
export async function dispatchOperation(
  operations: Operations,
  action: string,
  input: { readonly DryRun?: unknown },
  caller: Caller,
): Promise<unknown> {
  const output = await servedOperation(operations, action)(input, caller);
  if (input.DryRun === true) throw new Error(`${action} returned although DryRun was set`);
  return output ?? {};
}
