/**
 * CreateImage's heart: the instant of a running machine.
 *
 *   intent recorded, overlays made and opened → guest frozen → one transaction → guest thawed → recorded
 *
 * All that takes time comes before the transaction, also writing out what the host has cached of the disks: the
 * transaction would wait for it while the whole guest stands still. Most of it goes before the freeze, and what the
 * guest wrote to come to rest goes within, when only its writers wait. Killed anywhere, the record's intent says
 * what to look for: `settleSnapshot` asks QEMU, or the files, and finishes or forgets it.
 */
import type { NodeContext } from '../context.ts';
import { NodeError, type SnapshotRequest, type SnapshotResult } from '../contract.ts';
import { flushLayer } from '../disks/layer-files.ts';
import { prepareOverlay } from '../disks/prepare-overlay.ts';
import { stopShortening } from '../disks/shorten-chain.ts';
import { addOverlays } from '../qemu/block-graph.ts';
import { beginFreeze, type Freeze, mayFreeze, noFreeze } from './freeze.ts';
import type { Machine } from './machine.ts';
import { finishSnapshot, settleSnapshot } from './settle-snapshot.ts';
import type { Vm } from './vm.ts';

export async function snapshotRunning(
  context: NodeContext,
  machine: Machine,
  vm: Vm,
  request: SnapshotRequest,
): Promise<SnapshotResult> {
  checkVolumes(machine, request);
  const mayBeFrozen = await mayFreeze(machine, vm, request);
  let freeze = noFreeze;
  const begin = async () => {
    if (mayBeFrozen) freeze = await beginFreeze(machine, vm, request);
  };
  try {
    await allDone([
      machine.save({
        pendingSnapshot: { volumes: request.volumes, askedAt: new Date().toISOString() },
        ...(mayBeFrozen ? { thawOwed: true } : {}),
      }),
      openOverlays(context, vm, request.volumes),
      flushVolumes(context, request),
      begin(),
    ]);
    await context.fault('snapshot:prepared');
    const instant = await takeInstant(context, vm, request, freeze);
    if (mayBeFrozen && !freeze.thawOwed) machine.note({ thawOwed: undefined });
    return await finishSnapshot(context, machine, {
      consistency: freeze.frozen ? 'filesystem' : 'crash',
      freezeMs: freeze.frozenMs,
      ...instant,
    });
  } catch (error) {
    if (mayBeFrozen && !freeze.thawOwed) machine.note({ thawOwed: undefined });
    // Whether it was taken is QEMU's to say, not ours to guess from the error.
    const result = await settleSnapshot(context, machine);
    if (result === undefined) throw error;
    machine.log.warn(
      { instanceId: machine.instanceId, err: error },
      'a snapshot was taken in spite of an error',
    );
    return result;
  }
}

/** Like Promise.all, but when it fails nothing is still under way. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(work);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function openOverlays(
  context: NodeContext,
  vm: Vm,
  volumes: SnapshotRequest['volumes'],
): Promise<void> {
  await allDone([
    stopShortening(vm.qmp),
    ...volumes.map((volume) => prepareOverlay(context.folders.layers, volume)),
  ]);
  await context.fault('snapshot:overlays');
  await addOverlays(
    vm.qmp,
    volumes.map((volume) => volume.nextLayerId),
  );
}

async function takeInstant(
  context: NodeContext,
  vm: Vm,
  request: SnapshotRequest,
  freeze: Freeze,
): Promise<{ readonly stallMs: number; readonly takenAt: string }> {
  try {
    await freeze.freeze();
    if (freeze.frozen) await flushVolumes(context, request);
    await context.fault('snapshot:frozen');
    const takenAt = new Date().toISOString();
    const before = performance.now();
    await vm.qmp.execute('transaction', {
      actions: request.volumes.map(({ frozenLayerId, nextLayerId }) => ({
        type: 'blockdev-snapshot',
        data: { node: frozenLayerId, overlay: nextLayerId },
      })),
    });
    const stallMs = performance.now() - before;
    await context.fault('snapshot:taken');
    return { stallMs, takenAt };
  } finally {
    await freeze.thaw();
  }
}

async function flushVolumes(context: NodeContext, { volumes }: SnapshotRequest): Promise<void> {
  await allDone(volumes.map((volume) => flushLayer(context.folders.layers, volume.frozenLayerId)));
}

function checkVolumes(machine: Machine, request: SnapshotRequest): void {
  for (const { volumeId, frozenLayerId } of request.volumes) {
    const attached = machine.record.volumes.find((volume) => volume.volumeId === volumeId);
    if (attached === undefined) {
      throw new NodeError('internal', `volume ${volumeId} is not attached to instance ${machine.instanceId}`);
    }
    if (attached.layerId !== frozenLayerId) {
      throw new NodeError(
        'internal',
        `volume ${volumeId} writes layer ${attached.layerId}, not ${frozenLayerId}`,
      );
    }
  }
}
