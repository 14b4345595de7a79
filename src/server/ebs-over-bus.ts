/** EBS direct's operations over the bus, as EC2's are: each is the subject `ebs.<Operation>`, shared by a queue group. */
import { EbsFault } from '../ec2/ebs/faults.ts';
import { ebsModel } from '../ec2/ebs/model.ts';
import type { EbsAction, EbsOperations } from '../ec2/ebs/types.ts';
import type { Caller } from '../ec2/types.ts';
import { type Bus, BusError } from '../platform/bus/bus.ts';

interface EbsMessage {
  readonly input: unknown;
  readonly caller: Caller;
}

type AnyEbsOperation = (input: unknown, caller: Caller) => Promise<unknown>;

const queue = 'cloud';
const actions = Object.keys(ebsModel) as EbsAction[];
const subjectOf = (action: EbsAction) => `ebs.${action}`;
/** A first look at a large disk reads all of its map; a comparison reads up to 1 GiB of both sides. */
const deadlineMs = 300_000;

/** Serves every operation until the returned function is called. */
export async function serveEbs(bus: Bus, operations: EbsOperations): Promise<() => Promise<void>> {
  const stops = await Promise.all(
    actions.map((action) =>
      bus.serve(
        subjectOf(action),
        async (message) => {
          const { input, caller } = message as EbsMessage;
          return await (operations[action] as AnyEbsOperation)(input, caller);
        },
        { queue },
      ),
    ),
  );
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}

/** Each function asks over the bus. */
export function ebsOverBus(bus: Bus): EbsOperations {
  const ask = (action: EbsAction) => async (input: unknown, caller: Caller) => {
    try {
      return await bus.request(subjectOf(action), { input, caller }, { deadlineMs });
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      throw new EbsFault(
        'ServiceUnavailableException',
        `${action} could not be carried out now. Try again.`,
        {
          cause: error,
        },
      );
    }
  };
  return Object.fromEntries(actions.map((action) => [action, ask(action)])) as unknown as EbsOperations;
}
