import { createHash } from 'node:crypto';

/** SHA-256 of content, 64 hex digits: the name of a chunk. */
export type Digest = string & { readonly __digest: true };

/** The hash algorithm byte of every format of the vault. */
export const hashAlgorithmSha256 = 1;

export const digestBytes = 32;

// `crypto.hash` is 5 to 7 times slower than `createHash` on whole blocks in some Node 24 releases.
export function digestOf(content: Uint8Array): Digest {
  return createHash('sha256').update(content).digest('hex') as Digest;
}

export function digestAt(bytes: Buffer, offset: number): Digest {
  return bytes.toString('hex', offset, offset + digestBytes) as Digest;
}

export function isDigest(text: string): text is Digest {
  return /^[0-9a-f]{64}$/.test(text);
}
