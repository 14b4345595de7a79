/** What collectors have announced that they will delete. The announcement stays while a session older than it is open. */
import type { BlobStore } from '../blobs/blob-store.ts';
import { digestAt, digestBytes } from '../format/digest.ts';
import { type DigestSet, digestSet } from '../format/digest-set.ts';
import { collectionsPrefix } from '../format/layout.ts';

export async function readCondemned(store: BlobStore): Promise<DigestSet> {
  const condemned = digestSet();
  for await (const { key } of store.list(collectionsPrefix)) {
    if (key.endsWith('/done')) continue;
    const part = await store.get(key);
    const bytes = part?.bytes ?? Buffer.alloc(0);
    for (let at = 0; at + digestBytes <= bytes.length; at += digestBytes) condemned.add(digestAt(bytes, at));
  }
  return condemned;
}
