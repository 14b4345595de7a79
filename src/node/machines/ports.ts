import type { InstanceId } from '../../platform/ids.ts';
import { knownMachine, type NodeContext } from '../context.ts';
import type { MachineStatus, PortRule } from '../contract.ts';
import { applyForwards } from '../network/forwards.ts';
import { expandRules, portKey } from '../network/ports.ts';
import type { Machine } from './machine.ts';

/** Changes the open ports of a machine, live where it runs. */
export async function setPorts(
  context: NodeContext,
  request: { readonly instanceId: InstanceId; readonly ports: readonly PortRule[] },
): Promise<MachineStatus> {
  return context.queue.run([request.instanceId], async () => {
    const machine = knownMachine(context, request.instanceId);
    await machine.save({ network: { ...machine.record.network, ports: request.ports } });
    if (machine.vm !== undefined) await openPorts(context, machine);
    return machine.status();
  });
}

/** Makes QEMU's forwards those of the record. */
export async function openPorts(context: NodeContext, machine: Machine): Promise<void> {
  const vm = machine.running();
  const { publicAddress, network } = machine.record;
  if (publicAddress === undefined) return;
  const { ports, closed } = expandRules(network.ports);
  vm.forwards = await applyForwards(vm.qmp, {
    publicAddress,
    privateAddress: network.privateAddress,
    wanted: ports,
    lowestFreePort: context.lowestFreePort,
  });
  const open = new Set(vm.forwards.map(portKey));
  const failed = ports.filter((port) => !open.has(portKey(port)));
  vm.closedPorts = [
    ...closed,
    ...failed.map(({ protocol, guestPort }) => ({
      rule: { protocol, fromPort: guestPort, toPort: guestPort },
      reason: `another program on this host has ${protocol} port ${guestPort} of ${publicAddress}`,
    })),
  ];
}
