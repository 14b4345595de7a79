/**
 * The tables that make a qcow2 layer of blocks already lying in its file. They are placed behind the data, so that a
 * crash in between leaves data alone and they can be written anew. Geometry and header: disks/empty-qcow2.ts.
 */
import { clusterBytes, l1SpanBytes, l2EntryBytes, layerHeader } from '../disks/empty-qcow2.ts';

/** Where a block's clusters lie in the file; 'zero' hides what the layer below has there. */
export type BlockPlace = number | 'zero';

export interface LayerPieces {
  readonly lengthBytes: number;
  /** The header is the first: written last, it makes the file a layer. */
  readonly pieces: readonly { readonly offset: number; readonly bytes: Buffer }[];
}

const copied = 1n << 63n;
const allSubclusters = 0xffff_ffff;
const refcountsPerBlock = clusterBytes / 2;

export function layerTables(request: {
  readonly sizeBytes: number;
  readonly backing?: string;
  readonly blockBytes: number;
  readonly places: ReadonlyMap<number, BlockPlace>;
  /** Behind the last data; on a cluster. */
  readonly tablesAt: number;
}): LayerPieces {
  const { sizeBytes, backing, tablesAt } = request;
  const l1Entries = Math.max(1, Math.ceil(sizeBytes / l1SpanBytes));
  const l1Clusters = Math.ceil((l1Entries * 8) / clusterBytes);
  const l1 = Buffer.alloc(l1Clusters * clusterBytes);
  const l2 = fillL2(request);
  const l2At = tablesAt + l1.length;
  const indexes = [...l2.keys()];
  indexes.forEach((l1Index, at) => {
    l1.writeBigUInt64BE(BigInt(l2At + at * clusterBytes) | copied, l1Index * 8);
  });

  const refcountsAt = l2At + indexes.length * clusterBytes;
  const refcounts = refcountTables(refcountsAt, usedClusters(request, refcountsAt));
  const header = layerHeader({
    sizeBytes,
    l1Entries,
    l1Offset: tablesAt,
    refcountTableOffset: refcountsAt,
    refcountTableClusters: refcounts.tableClusters,
    ...(backing === undefined ? {} : { backing }),
  });
  const tables = [...indexes.map((index) => l2.get(index) as Buffer)];
  return {
    lengthBytes: refcountsAt + refcounts.bytes.length,
    pieces: [
      { offset: 0, bytes: header },
      { offset: tablesAt, bytes: l1 },
      ...tables.map((bytes, at) => ({ offset: l2At + at * clusterBytes, bytes })),
      { offset: refcountsAt, bytes: refcounts.bytes },
    ],
  };
}

/** The L2 tables that hold anything, by the index of their L1 entry. */
function fillL2({
  places,
  blockBytes,
  sizeBytes,
}: Parameters<typeof layerTables>[0]): ReadonlyMap<number, Buffer> {
  const tables = new Map<number, Buffer>();
  for (const index of [...places.keys()].sort((a, b) => a - b)) {
    const place = places.get(index) as BlockPlace;
    const end = Math.min((index + 1) * blockBytes, sizeBytes);
    for (let at = index * blockBytes, part = 0; at < end; at += clusterBytes, part++) {
      const l1Index = Math.floor(at / l1SpanBytes);
      const table = tables.get(l1Index) ?? Buffer.alloc(clusterBytes);
      tables.set(l1Index, table);
      const entry = ((at % l1SpanBytes) / clusterBytes) * l2EntryBytes;
      if (place === 'zero') {
        table.writeUInt32BE(allSubclusters, entry + 8);
      } else {
        table.writeBigUInt64BE(BigInt(place + part * clusterBytes) | copied, entry);
        table.writeUInt32BE(allSubclusters, entry + 12);
      }
    }
  }
  return tables;
}

/** The clusters in front of the refcounts that something refers to; what was written over is free. */
function usedClusters(
  { places, blockBytes, sizeBytes, tablesAt }: Parameters<typeof layerTables>[0],
  refcountsAt: number,
): ReadonlySet<number> {
  const used = new Set<number>([0]);
  for (const [index, place] of places) {
    if (place === 'zero') continue;
    const bytes = Math.min(blockBytes, sizeBytes - index * blockBytes);
    for (let at = 0; at < bytes; at += clusterBytes) used.add((place + at) / clusterBytes);
  }
  for (let at = tablesAt; at < refcountsAt; at += clusterBytes) used.add(at / clusterBytes);
  return used;
}

/** The refcount table, and behind it its blocks, which count themselves too. */
function refcountTables(at: number, used: ReadonlySet<number>) {
  const before = at / clusterBytes;
  let tableClusters = 1;
  let blocks = 1;
  for (;;) {
    const wanted = Math.ceil((before + tableClusters + blocks) / refcountsPerBlock);
    const wantedTable = Math.ceil((wanted * 8) / clusterBytes);
    if (wanted <= blocks && wantedTable <= tableClusters) break;
    blocks = Math.max(blocks, wanted);
    tableClusters = Math.max(tableClusters, wantedTable);
  }
  const bytes = Buffer.alloc((tableClusters + blocks) * clusterBytes);
  const firstBlock = at + tableClusters * clusterBytes;
  for (let block = 0; block < blocks; block++) {
    bytes.writeBigUInt64BE(BigInt(firstBlock + block * clusterBytes), block * 8);
  }
  const count = (cluster: number) => bytes.writeUInt16BE(1, tableClusters * clusterBytes + cluster * 2);
  for (const cluster of used) count(cluster);
  for (let cluster = before; cluster < before + tableClusters + blocks; cluster++) count(cluster);
  return { tableClusters, bytes };
}
