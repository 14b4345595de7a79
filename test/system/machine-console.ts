import type { NodeContract } from '../../src/node/contract.ts';
import { until } from '../../src/node/deadline.ts';
import type { InstanceId } from '../../src/platform/ids.ts';
import { bootDeadlineMs } from './node-guest-kit.ts';

/** The console of a machine, as soon as it says this. */
export async function machineConsole(
  node: NodeContract,
  instanceId: InstanceId,
  says: RegExp,
): Promise<string> {
  return await until(
    async () => {
      const { output } = await node.console({ instanceId, maxBytes: 1 << 20 });
      const text = Buffer.from(output).toString();
      return says.test(text) ? text : undefined;
    },
    { deadlineMs: bootDeadlineMs, everyMs: 250, what: `${says} on the console of ${instanceId}` },
  );
}
