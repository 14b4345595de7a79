/** Writes what makes a complete copy a qcow2 disk: the maps of `copy-layout.ts`, then the header. */
import type { FileHandle } from 'node:fs/promises';
import { listBlocks } from '../read/list-blocks.ts';
import type { OpenSnapshot } from '../read/open-snapshot.ts';
import { type CopyLayout, copyHeader, usedOnce } from './copy-layout.ts';

export async function writeTables(
  file: FileHandle,
  layout: CopyLayout,
  snapshot: OpenSnapshot,
): Promise<void> {
  await writeL2Tables(file, layout, snapshot);
  const l1 = Buffer.alloc(layout.l1Entries * 8);
  for (const [n, index] of layout.l2Tables.entries())
    l1.writeBigUInt64BE(BigInt(layout.l2Offset + n * layout.clusterBytes) | usedOnce, index * 8);
  await file.write(l1, 0, l1.length, layout.l1Offset);
  await writeRefcounts(file, layout);
  const header = copyHeader(layout);
  await file.write(header, 0, header.length, 0);
  await file.truncate(layout.clusters * layout.clusterBytes);
}

/** One table after the other, as the blocks come in order. */
async function writeL2Tables(
  file: FileHandle,
  { clusterBytes, l2SpanBytes, l2Tables, l2Offset, dataOffset }: CopyLayout,
  snapshot: OpenSnapshot,
): Promise<void> {
  const { blockBytes } = snapshot.manifest;
  const places = new Map(l2Tables.map((index, n) => [index, l2Offset + n * clusterBytes]));
  let table = Buffer.alloc(clusterBytes);
  let current: number | undefined;
  const write = async () => {
    const place = current === undefined ? undefined : places.get(current);
    if (place !== undefined) await file.write(table, 0, clusterBytes, place);
    table = Buffer.alloc(clusterBytes);
  };
  let stored = 0;
  for await (const { index } of listBlocks(snapshot)) {
    const from = index * blockBytes;
    for (let at = from; at < from + blockBytes; at += clusterBytes) {
      const l1 = Math.floor(at / l2SpanBytes);
      if (l1 !== current) await write();
      current = l1;
      const place = dataOffset + stored * blockBytes + (at - from);
      table.writeBigUInt64BE(BigInt(place) | usedOnce, ((at % l2SpanBytes) / clusterBytes) * 8);
    }
    stored++;
  }
  await write();
}

async function writeRefcounts(file: FileHandle, layout: CopyLayout): Promise<void> {
  const { clusterBytes, refcountBlocks, refcountOffset, refcountTableOffset, clusters } = layout;
  const perBlock = clusterBytes / 2;
  const table = Buffer.alloc(refcountBlocks * 8);
  for (let n = 0; n < refcountBlocks; n++) {
    const offset = refcountOffset + n * clusterBytes;
    table.writeBigUInt64BE(BigInt(offset), n * 8);
    const counts = Buffer.alloc(clusterBytes);
    const used = Math.min(perBlock, clusters - n * perBlock);
    for (let cluster = 0; cluster < used; cluster++) counts.writeUInt16BE(1, cluster * 2);
    await file.write(counts, 0, clusterBytes, offset);
  }
  await file.write(table, 0, table.length, refcountTableOffset);
}
