import { type MachineSpec, type MachineStatus, type NodeContract, NodeError } from '../contract.ts';
import { freeAddress } from '../network/free-address.ts';
import { expandRules } from '../network/ports.ts';
import { failIfAsked, readSentinels } from './sentinels.ts';
import { layerOf, machineOf, type SimulatedState, setStatus, stoppedStatus } from './state.ts';

type MachineCommands = Pick<
  NodeContract,
  | 'startMachine'
  | 'stopMachine'
  | 'rebootMachine'
  | 'removeMachine'
  | 'listMachines'
  | 'machine'
  | 'setPorts'
  | 'console'
>;

export function simulatedMachines(state: SimulatedState): MachineCommands {
  return {
    async startMachine(spec) {
      const before = state.machines.get(spec.instanceId)?.status;
      return before?.state === 'running' ? before : start(state, spec);
    },
    async stopMachine({ instanceId, force }) {
      const machine = state.machines.get(instanceId);
      if (machine === undefined) return { instanceId, state: 'absent', volumes: [] };
      if (!force) failIfAsked(machine.sentinels, 'stop');
      if (machine.status.state !== 'running') return machine.status;
      return setStatus(state, stoppedStatus(machine.status, 'requested'));
    },
    async rebootMachine({ instanceId }) {
      const { status, sentinels } = machineOf(state, instanceId);
      failIfAsked(sentinels, 'reboot');
      if (status.state !== 'running')
        throw new NodeError('not-running', `instance ${instanceId} does not run`);
      return status;
    },
    async removeMachine({ instanceId }) {
      state.machines.delete(instanceId);
    },
    listMachines: async () => [...state.machines.values()].map(({ status }) => status),
    machine: async ({ instanceId }) =>
      state.machines.get(instanceId)?.status ?? { instanceId, state: 'absent', volumes: [] },
    async setPorts({ instanceId, ports }) {
      const { status, sentinels } = machineOf(state, instanceId);
      failIfAsked(sentinels, 'ports');
      if (status.state !== 'running') return status;
      return setStatus(state, { ...status, closedPorts: expandRules(ports).closed });
    },
    async console({ instanceId, maxBytes }) {
      const { spec, startedAt } = machineOf(state, instanceId);
      const text = `Linux version 6.1 (simulated)\n${spec.seed.hostname} login: `;
      return { output: new TextEncoder().encode(text).slice(-maxBytes), at: startedAt };
    },
  };
}

function start(state: SimulatedState, spec: MachineSpec): MachineStatus {
  const sentinels = readSentinels(spec.seed.userData);
  failIfAsked(sentinels, 'start');
  for (const { layerId } of spec.volumes) {
    if (layerOf(state, layerId).frozen) throw new NodeError('internal', `layer ${layerId} is frozen`);
  }
  const running = [...state.machines.values()].filter(({ status }) => status.state === 'running');
  const usedMiB = running.reduce((sum, machine) => sum + machine.spec.memoryMiB, 0);
  if (usedMiB + spec.memoryMiB > state.memoryForInstancesMiB) {
    throw new NodeError('no-capacity', `${spec.memoryMiB} MiB do not fit beside ${usedMiB} MiB`);
  }
  const addresses = running.flatMap(({ status }) => status.publicAddress ?? []);
  const status: MachineStatus = {
    instanceId: spec.instanceId,
    state: 'running',
    publicAddress: freeAddress(state.publicPrefix, new Set(addresses), addresses.at(-1)),
    mappedPorts: [],
    closedPorts: expandRules(spec.network.ports).closed,
    volumes: spec.volumes,
    agent: sentinels.get('agent') === 'silent' ? 'silent' : 'answering',
  };
  state.machines.set(spec.instanceId, { spec, status, sentinels, startedAt: new Date().toISOString() });
  state.changed(status);
  const guest = sentinels.get('guest');
  if (guest === 'shutdown')
    return setStatus(state, stoppedStatus(status, 'guest-shutdown', 'the guest shut down'));
  if (guest === 'crash')
    return setStatus(state, stoppedStatus(status, 'crashed', 'simulated: qemu was killed'));
  return status;
}
