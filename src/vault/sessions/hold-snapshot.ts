/**
 * Opens the snapshot that a new one builds on and keeps everything it refers to. The manifest is copied into the
 * session before looking at it again: where it is still there, a collection that began earlier has marked it, and a
 * later one reads the copy.
 */
import type { SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import { type OpenSnapshot, openSnapshot } from '../read/open-snapshot.ts';
import type { Session } from './session.ts';

export async function holdSnapshot(
  context: VaultContext,
  session: Session,
  snapshotId: SnapshotId,
): Promise<OpenSnapshot> {
  const before = await openSnapshot(context, snapshotId);
  await session.hold(before.manifestBytes);
  await openSnapshot(context, snapshotId);
  return before;
}
