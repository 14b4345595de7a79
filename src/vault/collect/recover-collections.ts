/**
 * What a collector that died had announced. Its last deletes may still be on their way (a stalled process, a slow
 * request), and name the versions it saw: every condemned chunk that is still there gets a new edition, which those
 * deletes don't fit. Only then may the announcement go, for writers rely on it.
 */
import type { VaultContext } from '../context.ts';
import { withEdition } from '../format/chunk.ts';
import { digestAt, digestBytes } from '../format/digest.ts';
import { chunkKey, collectionsPrefix } from '../format/layout.ts';
import { newEdition } from '../sessions/chunk-writer.ts';
import type { SessionStatus } from '../sessions/list-sessions.ts';

export async function recoverCollections(
  { store }: VaultContext,
  sessions: readonly SessionStatus[],
): Promise<void> {
  const parts = new Map<string, string[]>();
  const doneAt = new Map<string, number>();
  for await (const { key, modifiedAtMs } of store.list(collectionsPrefix)) {
    const epoch = key.split('/')[1] ?? '';
    if (key.endsWith('/done')) doneAt.set(epoch, modifiedAtMs);
    parts.set(epoch, [...(parts.get(epoch) ?? []), key]);
  }
  const oldestWriterMs = Math.min(
    ...sessions.flatMap(({ writer, open }) => (writer && open ? [open.modifiedAtMs] : [])),
  );
  for (const [epoch, keys] of parts) {
    const done = doneAt.get(epoch);
    // A writer older than the announcement may have found a chunk before it was deleted, and reads it afterwards.
    if (done !== undefined && oldestWriterMs <= done) continue;
    if (done === undefined) {
      for (const key of keys) await reissue(key);
      if (oldestWriterMs !== Number.POSITIVE_INFINITY) continue;
    }
    for (const key of keys.sort()) await store.delete(key);
  }

  async function reissue(key: string): Promise<void> {
    const bytes = (await store.get(key))?.bytes ?? Buffer.alloc(0);
    for (let at = 0; at + digestBytes <= bytes.length; at += digestBytes) {
      const chunk = await store.get(chunkKey(digestAt(bytes, at)));
      // A chunk too short for a header is damaged: whatever deletes it, nothing that could be read is lost.
      if (chunk !== undefined && chunk.bytes.length >= 64)
        await store.put(chunk.key, withEdition(chunk.bytes, newEdition()));
    }
  }
}
