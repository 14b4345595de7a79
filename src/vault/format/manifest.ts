/**
 * The root of a snapshot: sizes, parent, and its leaves by digest. A leaf without a stored block is absent, so an
 * empty 16 TiB volume costs as much as an empty small one. Written last: a snapshot exists when its root does.
 */
import { createHash } from 'node:crypto';
import { isId, type SnapshotId } from '../../platform/ids.ts';
import { VaultError } from '../errors.ts';
import { type Digest, digestAt, digestBytes, hashAlgorithmSha256 } from './digest.ts';
import { blocksOf } from './geometry.ts';

export const manifestMagic = 'IVMF';
export const manifestVersion = 1;
export const manifestHeaderBytes = 112;
const leafRecordBytes = 8 + digestBytes;
const idBytes = 32;

export interface LeafRecord {
  /** Covers blocks `index * leafEntries` and on. Ascending in the manifest. */
  readonly index: number;
  readonly blocks: number;
  readonly digest: Digest;
}

export interface Manifest {
  readonly snapshotId: SnapshotId;
  readonly parentSnapshotId?: SnapshotId;
  readonly sizeBytes: number;
  readonly createdAtMs: number;
  readonly blockBytes: number;
  readonly leafEntries: number;
  readonly leaves: readonly LeafRecord[];
}

export function storedBlocksOf(manifest: Manifest): number {
  return manifest.leaves.reduce((sum, leaf) => sum + leaf.blocks, 0);
}

export function encodeManifest(manifest: Manifest): Buffer {
  const body = manifestHeaderBytes + manifest.leaves.length * leafRecordBytes;
  const bytes = Buffer.alloc(body + digestBytes);
  bytes.write(manifestMagic, 0, 'latin1');
  bytes[4] = manifestVersion;
  bytes[5] = hashAlgorithmSha256;
  bytes.writeUInt32LE(manifest.blockBytes, 8);
  bytes.writeUInt32LE(manifest.leafEntries, 12);
  bytes.writeBigUInt64LE(BigInt(manifest.sizeBytes), 16);
  bytes.writeBigUInt64LE(BigInt(manifest.createdAtMs), 24);
  bytes.writeBigUInt64LE(BigInt(storedBlocksOf(manifest)), 32);
  bytes.writeUInt32LE(manifest.leaves.length, 40);
  bytes.write(manifest.snapshotId, 48, idBytes, 'latin1');
  bytes.write(manifest.parentSnapshotId ?? '', 80, idBytes, 'latin1');
  let at = manifestHeaderBytes;
  for (const leaf of manifest.leaves) {
    bytes.writeUInt32LE(leaf.index, at);
    bytes.writeUInt32LE(leaf.blocks, at + 4);
    bytes.write(leaf.digest, at + 8, 'hex');
    at += leafRecordBytes;
  }
  sha256(bytes.subarray(0, body)).copy(bytes, body);
  return bytes;
}

/** `what` names it in the error: 'The manifest of snap-…'. */
export function decodeManifest(bytes: Buffer, what: string): Manifest {
  const wrong = (why: string) => new VaultError('damaged', `${what} is damaged: ${why}`);
  const body = bytes.length - digestBytes;
  if (body < manifestHeaderBytes || bytes.toString('latin1', 0, 4) !== manifestMagic)
    throw wrong('it is no manifest');
  if (!sha256(bytes.subarray(0, body)).equals(bytes.subarray(body)))
    throw wrong('its SHA-256 does not match');
  if (bytes[4] !== manifestVersion || bytes[5] !== hashAlgorithmSha256) {
    throw wrong(`version ${bytes[4]}, hash ${bytes[5]} is not one that this release reads`);
  }
  const count = bytes.readUInt32LE(40);
  if (body !== manifestHeaderBytes + count * leafRecordBytes)
    throw wrong(`${count} leaves don't fit its length`);
  const parent = idAt(bytes, 80);
  const manifest: Manifest = {
    snapshotId: idAt(bytes, 48) as SnapshotId,
    ...(parent === '' ? {} : { parentSnapshotId: parent as SnapshotId }),
    sizeBytes: Number(bytes.readBigUInt64LE(16)),
    createdAtMs: Number(bytes.readBigUInt64LE(24)),
    blockBytes: bytes.readUInt32LE(8),
    leafEntries: bytes.readUInt32LE(12),
    leaves: Array.from({ length: count }, (_, n) =>
      leafRecordAt(bytes, manifestHeaderBytes + n * leafRecordBytes),
    ),
  };
  if (!isId('snap', manifest.snapshotId)) throw wrong(`'${manifest.snapshotId}' is no snapshot id`);
  const lastLeaf = Math.ceil(
    blocksOf(manifest.sizeBytes, { ...manifest, frameBytes: 0 }) / manifest.leafEntries,
  );
  for (const [n, leaf] of manifest.leaves.entries()) {
    const after = n === 0 ? -1 : (manifest.leaves[n - 1]?.index ?? -1);
    if (leaf.index <= after || leaf.index >= lastLeaf) throw wrong(`leaf ${leaf.index} is out of place`);
  }
  if (storedBlocksOf(manifest) !== Number(bytes.readBigUInt64LE(32)))
    throw wrong('its block counts disagree');
  return manifest;
}

function leafRecordAt(bytes: Buffer, at: number): LeafRecord {
  return {
    index: bytes.readUInt32LE(at),
    blocks: bytes.readUInt32LE(at + 4),
    digest: digestAt(bytes, at + 8),
  };
}

function idAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + idBytes).replace(/\0+$/, '');
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
