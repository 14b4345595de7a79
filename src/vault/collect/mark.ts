/**
 * What is referred to: by every manifest, by the manifests that sessions hold, by their pins. Where one of them can't
 * be read, nothing may be deleted: it is not known what it refers to.
 */
import type { VaultContext } from '../context.ts';
import { isVaultError, VaultError } from '../errors.ts';
import type { Digest } from '../format/digest.ts';
import { type DigestSet, digestSet } from '../format/digest-set.ts';
import { decodeLeaf } from '../format/leaf.ts';
import { decodeManifest, type Manifest } from '../format/manifest.ts';
import { listAllSnapshots } from '../read/list-snapshots.ts';
import { readManifestBytes } from '../read/open-snapshot.ts';
import { readChunk } from '../read/read-chunk.ts';
import { listSessions, pinsOf, rootsOf } from '../sessions/list-sessions.ts';

export interface Marks {
  readonly marked: DigestSet;
  /** Marks what has come since, too. Cheap where little has. */
  refresh(): Promise<void>;
}

export async function markAll(context: VaultContext): Promise<Marks> {
  const marked = digestSet();
  // Apart from the marks: a leaf can be pinned, and so marked, without its blocks having been looked at.
  const walked = new Set<Digest>();

  async function markManifest(bytes: Buffer, what: string): Promise<void> {
    let manifest: Manifest;
    try {
      manifest = decodeManifest(bytes, what);
      for (const { index, digest } of manifest.leaves) {
        if (walked.has(digest)) continue;
        const leafName = `leaf ${index} of ${manifest.snapshotId}`;
        const leaf = decodeLeaf(
          await readChunk(context, digest, { what: leafName }),
          manifest.leafEntries,
          leafName,
        );
        for (const block of leaf) if (block !== undefined) marked.add(block);
        marked.add(digest);
        walked.add(digest);
      }
    } catch (cause) {
      if (!isVaultError(cause, 'damaged', 'missing')) throw cause;
      throw new VaultError(
        cause.kind,
        `Nothing is collected while a manifest can't be read, for its blocks would be lost. ${cause.message}; repair it, or delete that snapshot`,
        { cause },
      );
    }
  }

  async function refresh(): Promise<void> {
    // Manifests after sessions: a session that has ended by now has written its manifest before.
    for (const { id, open } of await listSessions(context)) {
      if (open === undefined) continue;
      for await (const root of rootsOf(context, id))
        await markManifest(root, `A manifest that session ${id} holds`);
      for await (const pin of pinsOf(context, id)) marked.add(pin);
    }
    for (const { snapshotId, manifest, complete } of await listAllSnapshots(context)) {
      const bytes = manifest === undefined ? undefined : await readManifestBytes(context, snapshotId);
      if (bytes === undefined) continue;
      try {
        await markManifest(bytes, `The manifest of ${snapshotId}`);
      } catch (error) {
        // One that its writer gave up, after the collector had ended its session, may name what is gone.
        if (complete || !isVaultError(error, 'damaged', 'missing')) throw error;
      }
    }
  }

  await refresh();
  return { marked, refresh };
}
