import type { NodeContext } from '../context.ts';
import { NodeError, type SnapshotRequest, type SnapshotResult } from '../contract.ts';
import { freezeLayer } from '../disks/layer-files.ts';
import { prepareOverlay } from '../disks/prepare-overlay.ts';
import { admitDisk } from './admission.ts';
import type { Machine } from './machine.ts';
import { movedVolumes } from './moved-volumes.ts';
import { isSameSnapshot, keepLastSnapshot, storedResult, storeResult } from './snapshot-results.ts';
import { snapshotRunning } from './snapshot-running.ts';

/** Takes all volumes at one instant. A repeated request is answered as the first was. */
export async function snapshotVolumes(
  context: NodeContext,
  request: SnapshotRequest,
): Promise<SnapshotResult> {
  if (request.volumes.length === 0) throw new NodeError('internal', 'a snapshot needs at least one volume');
  const machine = holderOf(context, request);
  return context.queue.run([machine?.instanceId ?? 'layers'], async () => {
    const known = await knownResult(context, request, machine);
    if (known !== undefined) return known;
    await admitDisk(context);
    if (machine?.vm !== undefined) return snapshotRunning(context, machine, machine.vm, request);
    if (machine === undefined) return snapshotAtRest(context, request);
    return context.queue.run(['layers'], () => snapshotAtRest(context, request, machine));
  });
}

async function knownResult(
  context: NodeContext,
  { volumes }: SnapshotRequest,
  machine: Machine | undefined,
): Promise<SnapshotResult | undefined> {
  const last = machine?.record.lastSnapshot;
  if (last !== undefined && isSameSnapshot(last.volumes, volumes)) return last.result;
  if (machine !== undefined) await keepLastSnapshot(context.folders, machine);
  return storedResult(context.folders.snapshots, volumes);
}

/** Whoever writes the volumes decides how the instant is taken, whatever the request believes. */
function holderOf(context: NodeContext, request: SnapshotRequest): Machine | undefined {
  const named = request.instanceId === undefined ? undefined : context.machines.get(request.instanceId);
  if (named !== undefined) return named;
  const asked = new Set(request.volumes.map((volume) => volume.volumeId));
  return [...context.machines.values()].find(
    ({ vm, record }) => vm !== undefined && record.volumes.some((volume) => asked.has(volume.volumeId)),
  );
}

/** Nobody writes, so any instant is the same one: only the overlays are made, in whatever order. */
async function snapshotAtRest(
  context: NodeContext,
  request: SnapshotRequest,
  machine?: Machine,
): Promise<SnapshotResult> {
  const { layers, snapshots } = context.folders;
  for (const volume of request.volumes) {
    await prepareOverlay(layers, volume);
    await freezeLayer(layers, volume.frozenLayerId);
    await context.fault('snapshot-at-rest:overlay');
  }
  const result: SnapshotResult = {
    consistency: 'stopped',
    freezeMs: 0,
    stallMs: 0,
    takenAt: new Date().toISOString(),
  };
  await storeResult(snapshots, { volumes: request.volumes, result });
  await context.fault('snapshot-at-rest:stored');
  if (machine !== undefined)
    await machine.save({ volumes: movedVolumes(machine.record.volumes, request.volumes) });
  return result;
}
