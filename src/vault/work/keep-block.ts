/**
 * All that ingest does to one block where the store is a folder, in one go and in one thread: hash it, look for it,
 * compress it, put it there. What was found is the caller's to pin.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { putNewFile } from '../blobs/put-new-file.ts';
import { encodeChunk, isZero } from '../format/chunk.ts';
import { type Digest, digestOf } from '../format/digest.ts';
import { chunkKey } from '../format/layout.ts';

export type KeptBlock =
  | { readonly state: 'zero' }
  /** `known` was its digest. */
  | { readonly state: 'known' }
  | { readonly state: 'found'; readonly digest: Digest; readonly folders: readonly string[] }
  | {
      readonly state: 'stored';
      readonly digest: Digest;
      readonly chunkBytes: number;
      readonly folders: readonly string[];
    };

export interface KeepBlock {
  /** Of the store. */
  readonly root: string;
  /** What the parent has in its place. */
  readonly known: Digest | undefined;
}

/** `room` is for the chunk. */
export async function keepBlock(
  content: Buffer,
  room: Buffer,
  frameBytes: number,
  { root, known }: KeepBlock,
): Promise<KeptBlock> {
  if (isZero(content)) return { state: 'zero' };
  const digest = digestOf(content);
  if (digest === known) return { state: 'known' };
  const key = chunkKey(digest);
  // A chunk that a delete has moved aside is missed: then it is stored once more, which any delete respects.
  if (existsSync(join(root, key))) return { state: 'found', digest, folders: [] };
  const chunkBytes = encodeChunk(content, digest, frameBytes, room);
  const { stored, folders } = await putNewFile(root, key, room.subarray(0, chunkBytes));
  return stored ? { state: 'stored', digest, chunkBytes, folders } : { state: 'found', digest, folders };
}
