import type { Bus } from '../platform/bus/bus.ts';
import { inProcessBus } from '../platform/bus/in-process.ts';
import { connectNats } from '../platform/bus/nats.ts';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import { wireErrors } from './wire-errors.ts';

export async function openBus(bus: Config['bus'], log: Log): Promise<Bus> {
  switch (bus.kind) {
    case 'in-process':
      return inProcessBus();
    case 'nats':
      return await connectNats({
        servers: bus.servers,
        errors: wireErrors,
        onError: (error) => log.error({ err: error }, 'A message on the bus could not be handled'),
      });
    default:
      return bus satisfies never;
  }
}
