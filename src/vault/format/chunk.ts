/**
 * A chunk: one block of a volume, or one leaf of a manifest, as it lies in the store under the SHA-256 of its
 * content. Cut in frames that are compressed and checked each on its own, so that damage is found before the
 * decompressor sees it. Byte for byte in docs/reference/vault-format.md. Numbers are little-endian.
 */
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { VaultError } from '../errors.ts';
import { type Digest, digestAt, digestOf, hashAlgorithmSha256 } from './digest.ts';

export const chunkMagic = 'IVCH';
export const chunkVersion = 1;
export const chunkHeaderBytes = 64;
const codecZstd = 1;
const storedRaw = 0x8000_0000;
const zstdLevel1 = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Room that any content of this size fits in. */
export function largestChunkBytes(contentBytes: number, frameBytes: number): number {
  return chunkHeaderBytes + Math.ceil(contentBytes / frameBytes) * 8 + contentBytes;
}

/**
 * Writes the chunk into `into` and answers its length. `edition` is 0, or random where the chunk takes the place
 * of one that the collector has condemned: then its bytes differ, and so does the store's version of it.
 */
export function encodeChunk(
  content: Uint8Array,
  digest: Digest,
  frameBytes: number,
  into: Buffer,
  edition = 0n,
): number {
  const frames = Math.ceil(content.length / frameBytes);
  into.fill(0, 0, chunkHeaderBytes);
  into.write(chunkMagic, 0, 'latin1');
  into[4] = chunkVersion;
  into[5] = hashAlgorithmSha256;
  into[6] = codecZstd;
  into[7] = Math.log2(frameBytes);
  into.writeUInt32LE(content.length, 8);
  into.writeUInt32LE(frames, 12);
  into.write(digest, 16, 'hex');
  into.writeBigUInt64LE(edition, 48);
  let end = chunkHeaderBytes + frames * 8;
  for (let frame = 0; frame < frames; frame++) {
    const plain = content.subarray(frame * frameBytes, (frame + 1) * frameBytes);
    const packed = isZero(plain) ? plain.subarray(0, 0) : zstdCompressSync(plain, zstdLevel1);
    const shrank = packed.length < plain.length;
    const stored = shrank ? packed : plain;
    into.set(stored, end);
    into.writeUInt32LE(((shrank ? 0 : storedRaw) | stored.length) >>> 0, chunkHeaderBytes + frame * 8);
    into.writeUInt32LE(crc32(stored), chunkHeaderBytes + frame * 8 + 4);
    end += stored.length;
  }
  into.writeUInt32LE(headerCrc(into, frames), 60);
  return end;
}

/** The content, every frame's CRC-32 checked. Throws 'damaged' with the reason; `verifyContent` adds the SHA-256. */
export function decodeChunk(chunk: Buffer, digest: Digest): Buffer {
  const { contentBytes, frameBytes, frames } = readHeader(chunk, digest);
  const content = Buffer.allocUnsafeSlow(contentBytes);
  let at = chunkHeaderBytes + frames * 8;
  for (let frame = 0; frame < frames; frame++) {
    const word = chunk.readUInt32LE(chunkHeaderBytes + frame * 8);
    const stored = chunk.subarray(at, at + (word & ~storedRaw));
    const from = frame * frameBytes;
    const plainBytes = Math.min(frameBytes, contentBytes - from);
    if (crc32(stored) !== chunk.readUInt32LE(chunkHeaderBytes + frame * 8 + 4)) {
      throw damaged(digest, `the CRC-32 of frame ${frame} does not match`);
    }
    if (stored.length === 0) content.fill(0, from, from + plainBytes);
    else {
      const plain = word & storedRaw ? stored : unpack(stored, plainBytes, digest);
      if (plain.length !== plainBytes) throw damaged(digest, `frame ${frame} has ${plain.length} bytes`);
      plain.copy(content, from);
    }
    at += stored.length;
  }
  if (at !== chunk.length) throw damaged(digest, `it has ${chunk.length} bytes where its header says ${at}`);
  return content;
}

export function verifyContent(content: Uint8Array, digest: Digest): void {
  const found = digestOf(content);
  if (found !== digest) throw damaged(digest, `the SHA-256 of its content is ${found}`);
}

/** The same chunk with another edition; nothing is compressed anew. */
export function withEdition(chunk: Buffer, edition: bigint): Buffer {
  const copy = Buffer.from(chunk);
  copy.writeBigUInt64LE(edition, 48);
  copy.writeUInt32LE(headerCrc(copy, copy.readUInt32LE(12)), 60);
  return copy;
}

export function isZero(bytes: Uint8Array): boolean {
  const length = bytes.length;
  if (length === 0) return true;
  if (bytes[0] !== 0 || bytes[length - 1] !== 0) return false;
  const zeros = zerosOf(length);
  return zeros.compare(bytes, 0, length, 0, length) === 0;
}

const zeroBytes = Buffer.alloc(512 * 1024);

function zerosOf(length: number): Buffer {
  return length <= zeroBytes.length ? zeroBytes : Buffer.alloc(length);
}

function readHeader(chunk: Buffer, digest: Digest) {
  if (chunk.length < chunkHeaderBytes || chunk.toString('latin1', 0, 4) !== chunkMagic) {
    throw damaged(digest, `it is no chunk (${chunk.length} bytes, wrong magic)`);
  }
  const [version, algorithm, codec, log] = [chunk[4], chunk[5], chunk[6], chunk[7] ?? 0];
  if (version !== chunkVersion || algorithm !== hashAlgorithmSha256 || codec !== codecZstd) {
    throw damaged(
      digest,
      `version ${version}, hash ${algorithm}, codec ${codec} is not one that this release reads`,
    );
  }
  const contentBytes = chunk.readUInt32LE(8);
  const frames = chunk.readUInt32LE(12);
  const frameBytes = 2 ** log;
  if (frames !== Math.ceil(contentBytes / frameBytes) || chunk.length < chunkHeaderBytes + frames * 8) {
    throw damaged(digest, `${frames} frames can't hold ${contentBytes} bytes`);
  }
  if (chunk.readUInt32LE(60) !== headerCrc(chunk, frames))
    throw damaged(digest, 'the CRC-32 of its header does not match');
  const named = digestAt(chunk, 16);
  if (named !== digest) throw damaged(digest, `it is the chunk ${named}`);
  return { contentBytes, frameBytes, frames };
}

function headerCrc(chunk: Buffer, frames: number): number {
  return crc32(chunk.subarray(chunkHeaderBytes, chunkHeaderBytes + frames * 8), crc32(chunk.subarray(0, 60)));
}

function unpack(stored: Buffer, plainBytes: number, digest: Digest): Buffer {
  try {
    return zstdDecompressSync(stored, { chunkSize: plainBytes + 64, maxOutputLength: plainBytes + 64 });
  } catch (error) {
    throw new VaultError('damaged', `Chunk ${digest} is damaged: zstd can't read it`, { cause: error });
  }
}

function damaged(digest: Digest, why: string): VaultError {
  return new VaultError('damaged', `Chunk ${digest} is damaged: ${why}`);
}
