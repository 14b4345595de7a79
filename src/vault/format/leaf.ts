/** A leaf of a manifest: which blocks of its stretch of the volume are stored, and under what digest. */
import { VaultError } from '../errors.ts';
import { type Digest, digestAt, digestBytes, hashAlgorithmSha256 } from './digest.ts';

export const leafMagic = 'IVLF';
export const leafVersion = 1;
export const leafHeaderBytes = 16;

/** One entry a block; undefined reads as zeros. */
export type Leaf = readonly (Digest | undefined)[];

export function encodeLeaf(leaf: Leaf): Buffer {
  const present = leaf.filter((digest) => digest !== undefined);
  const bitmapBytes = leaf.length / 8;
  const bytes = Buffer.alloc(leafHeaderBytes + bitmapBytes + present.length * digestBytes);
  bytes.write(leafMagic, 0, 'latin1');
  bytes[4] = leafVersion;
  bytes[5] = hashAlgorithmSha256;
  bytes.writeUInt32LE(leaf.length, 8);
  bytes.writeUInt32LE(present.length, 12);
  let at = leafHeaderBytes + bitmapBytes;
  for (const [index, digest] of leaf.entries()) {
    if (digest === undefined) continue;
    const cell = leafHeaderBytes + (index >> 3);
    bytes[cell] = (bytes[cell] ?? 0) | (1 << (index & 7));
    bytes.write(digest, at, 'hex');
    at += digestBytes;
  }
  return bytes;
}

/** `what` names the leaf in the error: 'leaf 3 of snap-…'. */
export function decodeLeaf(bytes: Buffer, leafEntries: number, what: string): Leaf {
  const wrong = (why: string) => new VaultError('damaged', `${what} is damaged: ${why}`);
  if (bytes.length < leafHeaderBytes || bytes.toString('latin1', 0, 4) !== leafMagic)
    throw wrong('it is no leaf');
  if (bytes[4] !== leafVersion || bytes[5] !== hashAlgorithmSha256) {
    throw wrong(`version ${bytes[4]}, hash ${bytes[5]} is not one that this release reads`);
  }
  const entries = bytes.readUInt32LE(8);
  const count = bytes.readUInt32LE(12);
  const expected = leafHeaderBytes + leafEntries / 8 + count * digestBytes;
  if (entries !== leafEntries || bytes.length !== expected) {
    throw wrong(`${entries} entries in ${bytes.length} bytes, where ${leafEntries} in ${expected} belong`);
  }
  const leaf = new Array<Digest | undefined>(leafEntries);
  let at = leafHeaderBytes + leafEntries / 8;
  for (let index = 0; index < leafEntries; index++) {
    if (((bytes[leafHeaderBytes + (index >> 3)] ?? 0) & (1 << (index & 7))) === 0) continue;
    if (at >= bytes.length) throw wrong('its bitmap names more blocks than it lists');
    leaf[index] = digestAt(bytes, at);
    at += digestBytes;
  }
  if (at !== bytes.length) throw wrong('it lists more blocks than its bitmap names');
  return leaf;
}
