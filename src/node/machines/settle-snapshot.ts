import type { NodeContext } from '../context.ts';
import type { SnapshotResult } from '../contract.ts';
import { freezeLayer } from '../disks/layer-files.ts';
import { prepareOverlay } from '../disks/prepare-overlay.ts';
import { activeLayers, dropUnusedLayers } from '../qemu/block-graph.ts';
import type { Machine } from './machine.ts';
import { movedVolumes } from './moved-volumes.ts';
import { keepLastSnapshot } from './snapshot-results.ts';
import type { Vm } from './vm.ts';

/**
 * Records the pending snapshot as taken, in one write: the volumes' layers, the answer, and no intent any more. The
 * answer does not wait for the disk: killed before, the intent is still there, and settles to the same layers.
 */
export async function finishSnapshot(
  context: NodeContext,
  machine: Machine,
  result: SnapshotResult,
): Promise<SnapshotResult> {
  const { pendingSnapshot, volumes } = machine.record;
  if (pendingSnapshot === undefined) return result;
  const taken = pendingSnapshot.volumes;
  for (const volume of taken) await freezeLayer(context.folders.layers, volume.frozenLayerId);
  const recorded = machine.save({
    volumes: movedVolumes(volumes, taken),
    pendingSnapshot: undefined,
    lastSnapshot: { volumes: taken, result },
  });
  machine.afterwards(
    recorded
      .then(() => keepLastSnapshot(context.folders, machine))
      .catch((error: unknown) => {
        machine.log.warn({ instanceId: machine.instanceId, err: error }, 'an answer is in memory alone');
      }),
  );
  return result;
}

/**
 * Finds out what became of a snapshot that was interrupted, and finishes it or forgets it. Answers the result
 * when it was taken. A running QEMU knows which layer it writes. After its death the overlays are put on top
 * whether or not it had switched to them: an empty overlay over the old layer shows the same disk.
 */
export async function settleSnapshot(
  context: NodeContext,
  machine: Machine,
): Promise<SnapshotResult | undefined> {
  const pending = machine.record.pendingSnapshot;
  if (pending === undefined) return undefined;
  // What nobody could watch is claimed to be no better than a power cut.
  const result = { consistency: 'crash', freezeMs: 0, stallMs: 0, takenAt: pending.askedAt } as const;
  const { vm } = machine;
  if (vm !== undefined && !(await hasEnded(vm))) {
    const active = await activeLayers(vm.qmp);
    const taken = pending.volumes.every((volume) => active.get(volume.volumeId) === volume.nextLayerId);
    if (taken) return finishSnapshot(context, machine, result);
    await dropUnusedLayers(vm.qmp);
    await machine.save({ pendingSnapshot: undefined });
    return undefined;
  }
  for (const volume of pending.volumes) await prepareOverlay(context.folders.layers, volume);
  return finishSnapshot(context, machine, result);
}

/** A VM that is just ending is waited for: only then are its files at rest. */
async function hasEnded(vm: Vm): Promise<boolean> {
  try {
    await vm.qmp.execute('query-status');
    return false;
  } catch {
    await vm.ended;
    return true;
  }
}
