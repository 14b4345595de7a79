import type { SnapshotId } from '../../platform/ids.ts';
import { type BlobInfo, folderOf } from '../blobs/blob-store.ts';
import type { VaultContext } from '../context.ts';
import { manifestKey, metadataKey, snapshotsPrefix } from '../format/layout.ts';

export interface ListedSnapshot {
  readonly snapshotId: SnapshotId;
  readonly manifest: BlobInfo | undefined;
  readonly metadata: BlobInfo | undefined;
  /** Its manifest and its metadata are there: nobody is still writing it, or gave up. */
  readonly complete: boolean;
}

export async function listSnapshots(context: VaultContext): Promise<readonly SnapshotId[]> {
  return (await listAllSnapshots(context))
    .filter(({ complete }) => complete)
    .map(({ snapshotId }) => snapshotId);
}

/** Those that are being written, or were left half-written, too. */
export async function listAllSnapshots({ store }: VaultContext): Promise<readonly ListedSnapshot[]> {
  const found = new Map<SnapshotId, { manifest?: BlobInfo; metadata?: BlobInfo }>();
  for await (const blob of store.list(snapshotsPrefix)) {
    const snapshotId = folderOf(blob.key) as SnapshotId;
    const known = found.get(snapshotId) ?? {};
    if (blob.key === manifestKey(snapshotId)) known.manifest = blob;
    if (blob.key === metadataKey(snapshotId)) known.metadata = blob;
    found.set(snapshotId, known);
  }
  return [...found].map(([snapshotId, { manifest, metadata }]) => ({
    snapshotId,
    manifest,
    metadata,
    complete: manifest !== undefined && metadata !== undefined,
  }));
}
