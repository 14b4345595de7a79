/** The snapshots that were read last, so that reading block by block loads a manifest and its leaves once. */
import type { SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import { metadataKey } from '../format/layout.ts';
import { type OpenSnapshot, openSnapshot } from './open-snapshot.ts';

/** Each keeps at most 32 leaves. */
const keptSnapshots = 4;

export interface OpenedSnapshots {
  /** Looks first whether the snapshot is still there, and still the same. */
  open(snapshotId: SnapshotId): Promise<OpenSnapshot>;
}

export function openedSnapshots(context: VaultContext): OpenedSnapshots {
  const kept = new Map<SnapshotId, { readonly version: string; readonly snapshot: OpenSnapshot }>();
  return {
    async open(snapshotId) {
      const version = (await context.store.head(metadataKey(snapshotId)))?.version;
      const known = kept.get(snapshotId);
      kept.delete(snapshotId);
      const reusable = known !== undefined && known.version === version;
      const snapshot = reusable ? known.snapshot : await openSnapshot(context, snapshotId);
      kept.set(snapshotId, { version: version ?? '', snapshot });
      const oldest = kept.keys().next();
      if (kept.size > keptSnapshots && oldest.done !== true) kept.delete(oldest.value);
      return snapshot;
    },
  };
}
