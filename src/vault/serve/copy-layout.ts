/**
 * Where everything lies in the qcow2 file that a snapshot is copied into. The manifest tells which blocks there are
 * before the first one arrives, so each has its place from the start: it is read from there while others are still on
 * their way, and complete, with its tables written, the file is the disk. Format: qemu's docs/interop/qcow2.txt.
 *
 *   header │ refcount table │ L1 table │ L2 tables │ refcount blocks │ stored blocks, in order
 */
import type { Manifest } from '../format/manifest.ts';
import { storedBlocksOf } from '../format/manifest.ts';

export interface CopyLayout {
  readonly clusterBytes: number;
  readonly sizeBytes: number;
  readonly l1Entries: number;
  /** What one L2 table spans. */
  readonly l2SpanBytes: number;
  /** L1 indexes that have a table, ascending. */
  readonly l2Tables: readonly number[];
  readonly refcountTableOffset: number;
  readonly refcountTableClusters: number;
  readonly l1Offset: number;
  readonly l2Offset: number;
  readonly refcountOffset: number;
  readonly refcountBlocks: number;
  readonly dataOffset: number;
  /** Everything counted: the length of the file. */
  readonly clusters: number;
}

const largestClusterBytes = 131_072;
const headerBytes = 112;
/** The cluster is used by exactly one entry. */
export const usedOnce = 1n << 63n;

export function copyLayout(manifest: Manifest): CopyLayout {
  const { sizeBytes, blockBytes, leafEntries, leaves } = manifest;
  const clusterBytes = Math.min(largestClusterBytes, blockBytes);
  const l2SpanBytes = (clusterBytes / 8) * clusterBytes;
  const leafSpanBytes = leafEntries * blockBytes;
  const l2Tables = new Set<number>();
  for (const { index } of leaves) {
    const last = Math.min((index + 1) * leafSpanBytes, sizeBytes) - 1;
    for (let l1 = Math.floor((index * leafSpanBytes) / l2SpanBytes); l1 * l2SpanBytes <= last; l1++)
      l2Tables.add(l1);
  }
  const l1Entries = Math.max(1, Math.ceil(sizeBytes / l2SpanBytes));
  const l1Clusters = Math.ceil((l1Entries * 8) / clusterBytes);
  const dataClusters = storedBlocksOf(manifest) * (blockBytes / clusterBytes);
  const others = 1 + l1Clusters + l2Tables.size + dataClusters;
  const { refcountBlocks, refcountTableClusters } = refcountsFor(others, clusterBytes);
  const l1At = 1 + refcountTableClusters;
  const l2At = l1At + l1Clusters;
  const refcountAt = l2At + l2Tables.size;
  return {
    clusterBytes,
    sizeBytes,
    l1Entries,
    l2SpanBytes,
    l2Tables: [...l2Tables].sort((a, b) => a - b),
    refcountTableOffset: clusterBytes,
    refcountTableClusters,
    l1Offset: l1At * clusterBytes,
    l2Offset: l2At * clusterBytes,
    refcountOffset: refcountAt * clusterBytes,
    refcountBlocks,
    dataOffset: (refcountAt + refcountBlocks) * clusterBytes,
    clusters: others + refcountTableClusters + refcountBlocks,
  };
}

/** Counting clusters takes clusters, which are counted too. */
function refcountsFor(others: number, clusterBytes: number) {
  let refcountBlocks = 0;
  let refcountTableClusters = 0;
  for (;;) {
    const blocks = Math.ceil((others + refcountBlocks + refcountTableClusters) / (clusterBytes / 2));
    const table = Math.ceil((blocks * 8) / clusterBytes);
    if (blocks === refcountBlocks && table === refcountTableClusters)
      return { refcountBlocks, refcountTableClusters };
    refcountBlocks = blocks;
    refcountTableClusters = table;
  }
}

export function copyHeader(layout: CopyLayout): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.write('QFI\xfb', 0, 'latin1');
  header.writeUInt32BE(3, 4);
  header.writeUInt32BE(Math.log2(layout.clusterBytes), 20);
  header.writeBigUInt64BE(BigInt(layout.sizeBytes), 24);
  header.writeUInt32BE(layout.l1Entries, 36);
  header.writeBigUInt64BE(BigInt(layout.l1Offset), 40);
  header.writeBigUInt64BE(BigInt(layout.refcountTableOffset), 48);
  header.writeUInt32BE(layout.refcountTableClusters, 56);
  // Counts of 16 bits.
  header.writeUInt32BE(4, 96);
  header.writeUInt32BE(headerBytes, 100);
  return header;
}
