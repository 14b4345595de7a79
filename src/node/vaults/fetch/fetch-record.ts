import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { flushFolder, writeDurably } from '../../../platform/files.ts';
import type { ImageId, LayerId, SnapshotId } from '../../../platform/ids.ts';
import { assertName } from '../../names.ts';

/** `served/<layer>.json`: a layer that is served from a vault, until nothing depends on that any more. */
export interface FetchRecord {
  readonly version: typeof fetchVersion;
  readonly layerId: LayerId;
  readonly region: string;
  readonly snapshotId: SnapshotId;
  readonly imageId?: ImageId;
  /** The snapshot was deleted meanwhile: it goes from the vault when the layer has all of it. */
  readonly deleteSnapshot?: boolean;
}

export const fetchVersion = 1;

export function copyPath(served: string, layerId: LayerId): string {
  assertName(layerId, 'layer id');
  return join(served, 'copies', `${layerId}.qcow2`);
}

export async function makeServedFolder(served: string): Promise<void> {
  await mkdir(join(served, 'copies'), { recursive: true, mode: 0o700 });
}

export async function writeFetchRecord(served: string, record: FetchRecord): Promise<void> {
  await writeDurably(recordPath(served, record.layerId), JSON.stringify(record, null, 1), { mode: 0o600 });
}

export async function removeFetchRecord(served: string, layerId: LayerId): Promise<void> {
  await rm(recordPath(served, layerId), { force: true });
  await flushFolder(served);
}

export async function readFetchRecords(served: string): Promise<readonly FetchRecord[]> {
  const records: FetchRecord[] = [];
  for (const name of await readdir(served)) {
    if (!name.endsWith('.json')) continue;
    const record = JSON.parse(await readFile(join(served, name), 'utf8')) as FetchRecord;
    if (record.version !== fetchVersion) {
      throw new Error(`${name} has version ${record.version}; this Ingot reads ${fetchVersion}`);
    }
    records.push(record);
  }
  return records;
}

function recordPath(served: string, layerId: LayerId): string {
  assertName(layerId, 'layer id');
  return join(served, `${layerId}.json`);
}
