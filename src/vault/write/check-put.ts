/** What a put block must be, with the reason in words. */

import type { SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import { VaultError } from '../errors.ts';
import type { Digest } from '../format/digest.ts';
import { blocksOf } from '../format/geometry.ts';

export function refuseMisfit(
  { geometry }: VaultContext,
  target: { readonly snapshotId: SnapshotId; readonly sizeBytes: number },
  index: number,
  content: Buffer,
): void {
  const blocks = blocksOf(target.sizeBytes, geometry);
  if (!Number.isInteger(index) || index < 0 || index >= blocks) {
    throw new VaultError(
      'bad-request',
      `Block ${index} lies outside of ${target.snapshotId}, whose blocks are 0 to ${blocks - 1}`,
    );
  }
  if (content.length !== geometry.blockBytes) {
    throw new VaultError(
      'bad-request',
      `Block ${index} has ${content.length} bytes; a block has exactly ${geometry.blockBytes}`,
    );
  }
}

export function refuseMismatch(
  id: SnapshotId,
  index: number,
  found: Digest,
  expected: Digest | undefined,
): void {
  if (expected === undefined || found === expected) return;
  throw new VaultError(
    'checksum-mismatch',
    `Block ${index} for ${id} has the SHA-256 ${found}, not ${expected}: it was damaged on the way, send it again`,
  );
}
