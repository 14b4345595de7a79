/** Reading and keeping the parts of a qcow2 file. */
import type { FileHandle } from 'node:fs/promises';
import { inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { VaultError } from '../../errors.ts';
import type { Qcow2Header } from './header.ts';
import { zstdFrameBytes } from './zstd-frame.ts';

export function unpackCluster(
  packed: Buffer,
  { compression, clusterBytes }: Qcow2Header,
  what: string,
): Buffer {
  try {
    const limit = { maxOutputLength: clusterBytes };
    const plain =
      compression === 'zstd'
        ? zstdDecompressSync(packed.subarray(0, zstdFrameBytes(packed)), limit)
        : inflateRawSync(packed, limit);
    if (plain.length === clusterBytes) return plain;
    throw new Error(`${plain.length} bytes where a cluster has ${clusterBytes}`);
  } catch (cause) {
    throw new VaultError('unreadable-source', `The compressed cluster of ${what} can't be unpacked`, {
      cause,
    });
  }
}

/** Past the end of the file reads as zeros, as QEMU has it. */
export async function readFully(
  handle: FileHandle,
  into: Buffer,
  position: number,
  file: string,
): Promise<void> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await handle.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  if (filled === 0 && into.length > 0 && position >= (await handle.stat()).size + into.length) {
    throw new VaultError(
      'unreadable-source',
      `${file} refers to ${position}, far past its end: it is damaged`,
    );
  }
  into.fill(0, filled);
}

/** Keeps the answers to the last `limit` keys. */
export function kept<T>(limit: number): (key: number, make: () => T) => T {
  const entries = new Map<number, T>();
  return (key, make) => {
    const known = entries.get(key);
    if (known !== undefined) {
      entries.delete(key);
      entries.set(key, known);
      return known;
    }
    const oldest = entries.keys().next();
    if (entries.size >= limit && oldest.done !== true) entries.delete(oldest.value);
    const made = make();
    entries.set(key, made);
    return made;
  };
}
