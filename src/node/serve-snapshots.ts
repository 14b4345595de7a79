import type { Bus } from '../platform/bus/bus.ts';
import type { VolumeId } from '../platform/ids.ts';
import type { NodeContract, SnapshotRequest } from './contract.ts';

export function snapshotSubject(volumeId: VolumeId): string {
  return `ebs.snapshot.${volumeId}`;
}

/** Serves one subject for each volume of the node's machines; `refresh` after these may have changed. */
export function serveSnapshots(
  bus: Bus,
  node: NodeContract,
): { refresh(): Promise<void>; stop(): Promise<void> } {
  const served = new Map<VolumeId, () => Promise<void>>();
  let turn: Promise<void> = Promise.resolve();

  const serveExactly = async (held: ReadonlySet<VolumeId>) => {
    for (const volumeId of held) {
      if (served.has(volumeId)) continue;
      const take = (message: unknown) => node.snapshotVolumes(message as SnapshotRequest);
      served.set(volumeId, await bus.serve(snapshotSubject(volumeId), take));
    }
    for (const [volumeId, stop] of served) {
      if (held.has(volumeId)) continue;
      served.delete(volumeId);
      await stop();
    }
  };
  const afterOthers = (work: () => Promise<void>) => {
    turn = turn.catch(() => undefined).then(work);
    return turn;
  };
  return {
    refresh: () =>
      afterOthers(async () => {
        const machines = await node.listMachines();
        await serveExactly(
          new Set(machines.flatMap(({ volumes }) => volumes.map((volume) => volume.volumeId))),
        );
      }),
    stop: () => afterOthers(() => serveExactly(new Set())),
  };
}
