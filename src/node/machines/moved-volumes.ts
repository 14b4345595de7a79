import type { SnapshotRequest, VolumeSpec } from '../contract.ts';

/** The volumes, each on the layer that it writes after the snapshot. */
export function movedVolumes(
  volumes: readonly VolumeSpec[],
  taken: SnapshotRequest['volumes'],
): readonly VolumeSpec[] {
  const next = new Map(taken.map((volume) => [volume.volumeId, volume.nextLayerId]));
  return volumes.map((volume) => ({ ...volume, layerId: next.get(volume.volumeId) ?? volume.layerId }));
}
