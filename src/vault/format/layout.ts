/** The names of everything in a region's store. docs/reference/vault-format.md describes each. */
import type { ImageId, SnapshotId } from '../../platform/ids.ts';
import { type Digest, isDigest } from './digest.ts';

export const chunksPrefix = 'chunks/';
export const snapshotsPrefix = 'snapshots/';
export const imagesPrefix = 'images/';
export const sessionsPrefix = 'sessions/';
export const collectionsPrefix = 'collections/';
export const collectorPrefix = 'collector/';

export const chunkKey = (digest: Digest) => `chunks/${digest.slice(0, 2)}/${digest.slice(2, 4)}/${digest}`;
export const manifestKey = (id: SnapshotId) => `snapshots/${id}/manifest`;
export const metadataKey = (id: SnapshotId) => `snapshots/${id}/metadata.json`;
export const imageConfigKey = (id: ImageId) => `images/${id}/config.json`;
export const bootTraceKey = (id: ImageId) => `images/${id}/boot-trace`;

export const sessionPrefix = (session: string) => `sessions/${session}/`;
export const sessionOpenKey = (session: string) => `sessions/${session}/open`;
export const sessionAliveKey = (session: string) => `sessions/${session}/alive`;
export const sessionRootsPrefix = (session: string) => `sessions/${session}/roots/`;
export const sessionPinsPrefix = (session: string) => `sessions/${session}/pins/`;

export const epochText = (epoch: number) => String(epoch).padStart(12, '0');
export const collectorKey = (epoch: number) => `collector/${epochText(epoch)}`;
export const condemnedKey = (epoch: number, part: number) => `collections/${epochText(epoch)}/${part}`;
export const collectionDoneKey = (epoch: number) => `collections/${epochText(epoch)}/done`;

export function digestOfKey(key: string): Digest | undefined {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return isDigest(name) ? name : undefined;
}
