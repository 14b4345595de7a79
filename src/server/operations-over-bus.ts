/** Puts a bus between gateway and cloud: each action is the subject `ec2.<Action>`, shared by a queue group. */
import { type AnyOperation, dispatchOperation } from '../ec2/dispatch.ts';
import { Ec2Fault } from '../ec2/faults.ts';
import type { ActionName, Caller, Operations } from '../ec2/types.ts';
import { type Bus, BusError } from '../platform/bus/bus.ts';

interface OperationRequest {
  readonly input: { readonly DryRun?: unknown };
  readonly caller: Caller;
}

const queue = 'cloud';

/** What may take longer than the rest: an image of a machine that must be stopped first, and launches. */
const deadlinesMs: Readonly<Record<string, number>> = { CreateImage: 120_000, RunInstances: 300_000 };
const usualDeadlineMs = 30_000;

/** Serves every operation of the record until the returned function is called. */
export async function serveOperations(bus: Bus, operations: Operations): Promise<() => Promise<void>> {
  const stops = await Promise.all(
    Object.keys(operations).map((action) =>
      bus.serve(
        subjectOf(action),
        async (message) => {
          const { input, caller } = message as OperationRequest;
          return await dispatchOperation(operations, action, input, caller);
        },
        { queue },
      ),
    ),
  );
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** A record of the given actions in which each function asks over the bus. */
export function operationsOverBus(bus: Bus, actions: readonly string[]): Operations {
  return Object.fromEntries(actions.map((action) => [action, remoteOperation(bus, action)])) as {
    readonly [A in ActionName]?: never;
  };
}

function remoteOperation(bus: Bus, action: string): AnyOperation {
  const deadlineMs = deadlinesMs[action] ?? usualDeadlineMs;
  return async (input, caller) => {
    try {
      return await bus.request(subjectOf(action), { input, caller }, { deadlineMs });
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      throw new Ec2Fault(
        'Unavailable',
        `${action} could not be carried out now: ${reasonOf(error)}. Try again.`,
        {
          cause: error,
        },
      );
    }
  };
}

function reasonOf({ kind }: BusError): string {
  switch (kind) {
    case 'no-responder':
      return 'no cloud serves it on the bus';
    case 'deadline':
      return 'the cloud did not answer in time';
    case 'closed':
      return 'the server is stopping';
    default:
      return kind satisfies never;
  }
}

function subjectOf(action: string): string {
  return `ec2.${action}`;
}
