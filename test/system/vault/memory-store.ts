/**
 * A blob store in memory whose every request waits for its turn, so that a test decides the order of everything that
 * several processes do. Versions are hashes of the bytes, as S3's are: the same bytes put again look unchanged.
 */
import { createHash } from 'node:crypto';
import type { BlobInfo, BlobStore } from '../../../src/vault/blobs/blob-store.ts';

export interface Memory {
  readonly objects: Map<string, { readonly bytes: Buffer; readonly version: string; readonly atMs: number }>;
  readonly clock: { ticks: number };
}

export function memory(clock: { ticks: number }): Memory {
  return { objects: new Map(), clock };
}

/** `turn` settles when the request may happen; it never does for a process that was killed. */
export function memoryStore({ objects, clock }: Memory, turn: () => Promise<void>): BlobStore {
  const infoOf = (key: string): BlobInfo | undefined => {
    const object = objects.get(key);
    return (
      object && { key, sizeBytes: object.bytes.length, modifiedAtMs: object.atMs, version: object.version }
    );
  };
  return {
    description: 'memory',
    remote: false,
    async get(key) {
      await turn();
      const info = infoOf(key);
      return info && { ...info, bytes: Buffer.from(objects.get(key)?.bytes ?? []) };
    },
    async head(key) {
      await turn();
      return infoOf(key);
    },
    async put(key, bytes, { ifAbsent } = {}) {
      const copy = Buffer.from(bytes);
      await turn();
      if (ifAbsent && objects.has(key)) return 'exists';
      const version = createHash('md5').update(copy).digest('hex');
      objects.set(key, { bytes: copy, version, atMs: ++clock.ticks });
      return 'stored';
    },
    async delete(key, { ifVersion } = {}) {
      await turn();
      const object = objects.get(key);
      if (object === undefined) return 'absent';
      if (ifVersion !== undefined && object.version !== ifVersion) return 'changed';
      objects.delete(key);
      return 'deleted';
    },
    async *list(prefix) {
      await turn();
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      for (const [n, key] of keys.entries()) {
        // A page at a time: what is put or deleted between two pages may be seen or not.
        if (n > 0 && n % 8 === 0) await turn();
        const info = infoOf(key);
        if (info !== undefined) yield info;
      }
    },
    flush: async () => undefined,
    tidy: async () => 0,
    guardsDeletes: async () => true,
    close: async () => undefined,
  };
}
