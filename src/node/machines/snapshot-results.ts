/**
 * Finished snapshots, one file each, named for the layer that was frozen (a layer is frozen once). A repeated
 * request is answered from here, so a second instant is never taken. Deleted with the layer.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '../../platform/files.ts';
import type { LayerId } from '../../platform/ids.ts';
import type { SnapshotRequest, SnapshotResult } from '../contract.ts';
import { hasLayer } from '../disks/layer-files.ts';
import { assertName } from '../names.ts';
import type { Machine } from './machine.ts';
import type { TakenSnapshot } from './record.ts';

const resultVersion = 1;

interface StoredResult extends TakenSnapshot {
  readonly version: typeof resultVersion;
}

export async function storedResult(
  folder: string,
  volumes: SnapshotRequest['volumes'],
): Promise<SnapshotResult | undefined> {
  const text = await readIfPresent(fileOf(folder, keyOf(volumes)));
  if (text === undefined) return undefined;
  return (JSON.parse(text) as StoredResult).result;
}

export async function storeResult(folder: string, taken: TakenSnapshot): Promise<void> {
  const stored: StoredResult = { version: resultVersion, ...taken };
  await writeDurably(fileOf(folder, keyOf(taken.volumes)), JSON.stringify(stored), { mode: 0o600 });
}

/** Whether both speak of the same instant. */
export function isSameSnapshot(a: SnapshotRequest['volumes'], b: SnapshotRequest['volumes']): boolean {
  return keyOf(a) === keyOf(b);
}

/**
 * The answer is first kept in the machine's record, by the one write that also moves its volumes: each flush
 * to disk is a good part of CreateImage's answer. This brings it here, after the answer or before the next one,
 * unless the layer is gone by then.
 */
export async function keepLastSnapshot(
  folders: { readonly layers: string; readonly snapshots: string },
  machine: Machine,
): Promise<void> {
  const { lastSnapshot } = machine.record;
  if (lastSnapshot === undefined) return;
  const { volumes } = lastSnapshot;
  if ((await storedResult(folders.snapshots, volumes)) !== undefined) return;
  if (await hasLayer(folders.layers, keyOf(volumes))) await storeResult(folders.snapshots, lastSnapshot);
}

export async function forgetResults(folder: string, layers: readonly LayerId[]): Promise<void> {
  for (const layerId of layers) await rm(fileOf(folder, layerId), { force: true });
}

function keyOf(volumes: SnapshotRequest['volumes']): LayerId {
  const [first] = volumes.map((volume) => volume.frozenLayerId).sort();
  if (first === undefined) throw new Error('a snapshot of no volumes');
  return first;
}

function fileOf(folder: string, layerId: LayerId): string {
  assertName(layerId, 'layer id');
  return join(folder, `${layerId}.json`);
}
