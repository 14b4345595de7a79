/**
 * An empty qcow2 image as bytes. `qemu-img create` would do, but costs a process (7 to 17 ms) inside
 * CreateImage's answer; this costs four small writes. The tests hold it against `qemu-img check`.
 *
 * Cluster 0 is the header, 1 the refcount table, 2 the only refcount block (65,536 entries: 8 GiB of file,
 * QEMU adds more), 3 and on the L1 table. 128k clusters with extended L2 have 4 KiB subclusters: three times
 * the first-write rate of the default and a thirteenth of its growth (docs/decisions, performance).
 */
import { incompatibleExtendedL2, qcow2Magic } from './qcow2-header.ts';

const clusterBits = 17;
export const clusterBytes = 1 << clusterBits;
const headerBytes = 112;
export const l2EntryBytes = 16;
/** What one L1 entry spans: 1 GiB. */
export const l1SpanBytes = (clusterBytes / l2EntryBytes) * clusterBytes;
const backingFormatExtension = 0xe2792aca;

export interface EmptyQcow2 {
  readonly lengthBytes: number;
  /** All else is a hole. */
  readonly pieces: readonly { readonly offset: number; readonly bytes: Buffer }[];
}

/** `backing` is a qcow2 file's name, relative to the image's own directory, or QEMU's `json:` of another disk, raw. */
export function emptyQcow2(request: { readonly sizeBytes: number; readonly backing?: string }): EmptyQcow2 {
  const l1Entries = Math.max(1, Math.ceil(request.sizeBytes / l1SpanBytes));
  const l1Clusters = Math.ceil((l1Entries * 8) / clusterBytes);
  const usedClusters = 3 + l1Clusters;
  const tableEntry = Buffer.alloc(8);
  tableEntry.writeBigUInt64BE(BigInt(2 * clusterBytes));
  const refcounts = Buffer.alloc(usedClusters * 2);
  for (let cluster = 0; cluster < usedClusters; cluster++) refcounts.writeUInt16BE(1, cluster * 2);
  return {
    lengthBytes: usedClusters * clusterBytes,
    pieces: [
      {
        offset: 0,
        bytes: layerHeader({
          ...request,
          l1Entries,
          l1Offset: 3 * clusterBytes,
          refcountTableOffset: clusterBytes,
          refcountTableClusters: 1,
        }),
      },
      { offset: clusterBytes, bytes: tableEntry },
      { offset: 2 * clusterBytes, bytes: refcounts },
    ],
  };
}

/** The header of a layer whose tables lie where it says. */
export function layerHeader(request: {
  readonly sizeBytes: number;
  readonly backing?: string;
  readonly l1Entries: number;
  readonly l1Offset: number;
  readonly refcountTableOffset: number;
  readonly refcountTableClusters: number;
}): Buffer {
  const { backing } = request;
  const extensions =
    backing === undefined ? endOfExtensions : Buffer.concat([backingFormat(backing), endOfExtensions]);
  const name = Buffer.from(backing ?? '', 'utf8');
  const fixed = Buffer.alloc(headerBytes);
  fixed.writeUInt32BE(qcow2Magic, 0);
  fixed.writeUInt32BE(3, 4);
  if (backing !== undefined) {
    fixed.writeBigUInt64BE(BigInt(headerBytes + extensions.length), 8);
    fixed.writeUInt32BE(name.length, 16);
  }
  fixed.writeUInt32BE(clusterBits, 20);
  fixed.writeBigUInt64BE(BigInt(request.sizeBytes), 24);
  fixed.writeUInt32BE(request.l1Entries, 36);
  fixed.writeBigUInt64BE(BigInt(request.l1Offset), 40);
  fixed.writeBigUInt64BE(BigInt(request.refcountTableOffset), 48);
  fixed.writeUInt32BE(request.refcountTableClusters, 56);
  fixed.writeBigUInt64BE(incompatibleExtendedL2, 72);
  fixed.writeUInt32BE(4, 96);
  fixed.writeUInt32BE(headerBytes, 100);
  return Buffer.concat([fixed, extensions, name]);
}

const endOfExtensions = Buffer.alloc(8);

/** Without the format in the header QEMU would probe it, which a guest could abuse. */
function backingFormat(backing: string): Buffer {
  const format = backing.startsWith('json:') ? 'raw' : 'qcow2';
  const extension = Buffer.alloc(16);
  extension.writeUInt32BE(backingFormatExtension, 0);
  extension.writeUInt32BE(format.length, 4);
  extension.write(format, 8);
  return extension;
}
