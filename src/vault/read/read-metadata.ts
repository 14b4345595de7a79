/** `metadata.json` beside a manifest. The manifest decides whether the snapshot exists, and what is in it. */
import type { SnapshotId } from '../../platform/ids.ts';
import { readJson } from '../blobs/blob-store.ts';
import type { VaultContext } from '../context.ts';
import { metadataKey } from '../format/layout.ts';
import { storedBlocksOf } from '../format/manifest.ts';
import { openIfComplete } from './open-snapshot.ts';

export interface SnapshotMetadata {
  readonly snapshotId: SnapshotId;
  readonly parentSnapshotId?: SnapshotId;
  readonly volumeSizeBytes: number;
  readonly storedBlocks: number;
  readonly createdAt: Date;
  /** What the writer of the snapshot gave with it. */
  readonly details: Readonly<Record<string, unknown>>;
}

export async function readMetadata(
  context: VaultContext,
  snapshotId: SnapshotId,
): Promise<SnapshotMetadata | undefined> {
  const snapshot = await openIfComplete(context, snapshotId);
  if (snapshot === undefined) return undefined;
  const { manifest } = snapshot;
  const details = (await readJson(context.store, metadataKey(snapshotId))) as
    | Record<string, unknown>
    | undefined;
  return {
    snapshotId,
    ...(manifest.parentSnapshotId === undefined ? {} : { parentSnapshotId: manifest.parentSnapshotId }),
    volumeSizeBytes: manifest.sizeBytes,
    storedBlocks: storedBlocksOf(manifest),
    createdAt: new Date(manifest.createdAtMs),
    details: details ?? {},
  };
}
