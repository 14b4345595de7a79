/**
 * A node at the other end of the bus. Subjects: `node.<nodeId>.<command>`, `ebs.snapshot.<volumeId>` for the
 * volumes of machines that the node holds, and `node.<nodeId>.events` for what it tells. Every command may
 * arrive late or twice: the contract makes that harmless.
 */
import { type Bus, BusError } from '../platform/bus/bus.ts';
import type { NodeId } from '../platform/ids.ts';
import {
  type MachineStatus,
  type NodeContract,
  NodeError,
  type NodeErrorKind,
  type NodeEvents,
  type SnapshotRequest,
  type SnapshotResult,
} from './contract.ts';
import { blockCommandNames, connectBlocks } from './remote-blocks.ts';
import { connectFiles, fileCommandNames } from './remote-files.ts';
import { connectVaults, vaultCommandNames } from './remote-vault.ts';
import { serveSnapshots, snapshotSubject } from './serve-snapshots.ts';

const usualDeadlineMs = 60_000;
/** Imports copy a disk; starting may wait for a slow disk. */
const slowDeadlineMs = 600_000;
const snapshotDeadlineMs = 30_000;
/** Beyond the guest's own deadline: to quit QEMU and to write the record. */
const graceMs = 60_000;

const eventsSubject = (nodeId: NodeId) => `node.${nodeId}.events`;

export function connectNode(bus: Bus, nodeId: NodeId): NodeContract {
  const ask =
    (command: keyof NodeContract, deadlineMs = usualDeadlineMs) =>
    async <T>(request?: unknown): Promise<T> =>
      (await translated(bus.request(`node.${nodeId}.${command}`, request, { deadlineMs }))) as T;
  const snapshotHere = ask('snapshotVolumes', snapshotDeadlineMs);
  return {
    facts: () => ask('facts')(),
    createLayer: (request) => ask('createLayer')(request),
    importLayer: (request) => ask('importLayer', slowDeadlineMs)(request),
    growLayer: (request) => ask('growLayer')(request),
    listLayers: () => ask('listLayers')(),
    deleteLayers: (request) => ask('deleteLayers')(request),
    shortenChains: () => ask('shortenChains')(),
    startMachine: (spec) => ask('startMachine', slowDeadlineMs)(spec),
    stopMachine: (request) => ask('stopMachine', request.deadlineMs + graceMs)(request),
    rebootMachine: (request) => ask('rebootMachine', request.deadlineMs + graceMs)(request),
    removeMachine: (request) => ask('removeMachine')(request),
    listMachines: () => ask('listMachines')(),
    machine: (request) => ask('machine')(request),
    setPorts: (request) => ask('setPorts')(request),
    attachVolume: (request) => ask('attachVolume')(request),
    detachVolume: (request) => ask('detachVolume')(request),
    console: (request) => ask('console')(request),
    snapshotVolumes: (request) => snapshotAtHolder(bus, request, snapshotHere),
    ...connectVaults(ask),
    ...connectBlocks(ask),
    ...connectFiles(ask),
  };
}

/** A volume that no machine holds has no subject of its own; then the node is asked by name. */
async function snapshotAtHolder(
  bus: Bus,
  request: SnapshotRequest,
  snapshotHere: (request: SnapshotRequest) => Promise<SnapshotResult>,
): Promise<SnapshotResult> {
  const [first] = request.volumes;
  if (first === undefined) throw new NodeError('internal', 'a snapshot needs at least one volume');
  const subject = snapshotSubject(first.volumeId);
  try {
    return (await translated(
      bus.request(subject, request, { deadlineMs: snapshotDeadlineMs }),
    )) as SnapshotResult;
  } catch (error) {
    if (error instanceof BusError && error.kind === 'no-responder') return snapshotHere(request);
    throw error;
  }
}

/** The node's events, for as long as the returned function is not called. */
export function watchNode(
  bus: Bus,
  nodeId: NodeId,
  listener: (status: MachineStatus) => void,
): Promise<() => Promise<void>> {
  return bus.subscribe(eventsSubject(nodeId), (message) => listener(message as MachineStatus));
}

/** A NodeError loses its class on the way, never its kind. */
async function translated<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof NodeError || !(error instanceof Error) || error.name !== 'NodeError') throw error;
    const kind = 'kind' in error ? (error.kind as NodeErrorKind) : 'internal';
    throw new NodeError(kind, error.message, { cause: error });
  }
}

/** Serves the node until the returned function is called. */
export async function serveNode(
  bus: Bus,
  nodeId: NodeId,
  node: NodeContract & NodeEvents,
): Promise<() => Promise<void>> {
  const snapshots = serveSnapshots(bus, node);
  const stopEvents = node.onMachineChanged((status) => {
    bus.publish(eventsSubject(nodeId), status);
    void snapshots.refresh();
  });
  const stops = await Promise.all(
    commandNames.map((command) =>
      bus.serve(`node.${nodeId}.${command}`, async (message) => {
        const answer = await (node[command] as (request: unknown) => Promise<unknown>)(message);
        // Before the answer, so that who has it may ask for a snapshot at once.
        if (changesVolumes.has(command)) await snapshots.refresh();
        return answer;
      }),
    ),
  );
  await snapshots.refresh();
  return async () => {
    stopEvents();
    for (const stop of stops) await stop();
    await snapshots.stop();
  };
}

const changesVolumes: ReadonlySet<keyof NodeContract> = new Set([
  'startMachine',
  'attachVolume',
  'detachVolume',
  'removeMachine',
] as const);

const commandNames = [
  'facts',
  'createLayer',
  'importLayer',
  'growLayer',
  'listLayers',
  'deleteLayers',
  'shortenChains',
  'startMachine',
  'stopMachine',
  'rebootMachine',
  'removeMachine',
  'listMachines',
  'machine',
  'setPorts',
  'attachVolume',
  'detachVolume',
  'console',
  'snapshotVolumes',
  ...vaultCommandNames,
  ...blockCommandNames,
  ...fileCommandNames,
] as const satisfies readonly (keyof NodeContract)[];
