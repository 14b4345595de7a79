/** Ports of a machine that aren't what one would expect: opened elsewhere on this host, or not at all. */
import { adminClient, answered } from './admin-client.ts';
import type { Context } from './context.ts';

export interface MachinePorts {
  readonly mapped: readonly { readonly guestPort: number; readonly hostPort: number }[];
  readonly closed: readonly { readonly ports: string; readonly reason: string }[];
}

export async function machinePorts(context: Context, instanceId: string): Promise<MachinePorts> {
  const request = adminClient(context).machines[':instanceId'].$get({ param: { instanceId } });
  const { mappedPorts = [], closedPorts = [] } = await answered(request, context.url);
  return {
    mapped: mappedPorts.filter(({ guestPort, hostPort }) => guestPort !== hostPort),
    closed: closedPorts.map(({ rule: { protocol, fromPort, toPort }, reason }) => ({
      ports: `${protocol} ${fromPort === toPort ? fromPort : `${fromPort}-${toPort}`}`,
      reason,
    })),
  };
}
