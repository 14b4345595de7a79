/**
 * Finished snapshots, one file each, named for the layer that was frozen (a layer is frozen once). A repeated
 * request is answered from here, so a second instant is never taken. Deleted with the layer.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, writeDurably } from '../../platform/files.ts';
import type { LayerId } from '../../platform/ids.ts';
import type { SnapshotRequest, SnapshotResult } from '../contract.ts';
import { assertName } from '../names.ts';

const resultVersion = 1;

interface StoredResult {
  readonly version: typeof resultVersion;
  readonly volumes: SnapshotRequest['volumes'];
  readonly result: SnapshotResult;
}

export async function storedResult(
  folder: string,
  volumes: SnapshotRequest['volumes'],
): Promise<SnapshotResult | undefined> {
  const text = await readIfPresent(fileOf(folder, keyOf(volumes)));
  if (text === undefined) return undefined;
  return (JSON.parse(text) as StoredResult).result;
}

export async function storeResult(
  folder: string,
  volumes: SnapshotRequest['volumes'],
  result: SnapshotResult,
): Promise<void> {
  const stored: StoredResult = { version: resultVersion, volumes, result };
  await writeDurably(fileOf(folder, keyOf(volumes)), JSON.stringify(stored), { mode: 0o600 });
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
