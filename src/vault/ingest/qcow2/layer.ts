/** One qcow2 file without what it stands on: where each stretch of the disk lies in it, if it does. */
import { type FileHandle, open } from 'node:fs/promises';
import { type Qcow2Header, readQcow2Header } from './header.ts';
import { kept, readFully, unpackCluster } from './parts.ts';

export type Place =
  | { readonly kind: 'data'; readonly hostOffset: number }
  | { readonly kind: 'zero' }
  /** The layer below tells. */
  | { readonly kind: 'unallocated' }
  | {
      readonly kind: 'compressed';
      readonly hostOffset: number;
      readonly bytes: number;
      readonly cluster: number;
    };

export type Stretch = Place & { readonly offset: number; readonly length: number };

export interface Qcow2Layer {
  readonly file: string;
  readonly header: Qcow2Header;
  /** Stretches that cover the range, in order, neighbours of one kind joined. */
  stretches(offset: number, length: number): AsyncGenerator<Stretch>;
  /** Fills `into`, as long as the stretch, with its content. */
  readStretch(stretch: Stretch, into: Buffer): Promise<void>;
  close(): Promise<void>;
}

const offsetMask = 0x00ff_ffff_ffff_fe00n;
// Of an L2 entry's two halves.
const compressedFlag = 0x4000_0000;
const highOffsetMask = 0x00ff_ffff;
const lowOffsetMask = 0xffff_fe00;
const zeroFlag = 1;
const unallocated: Place = { kind: 'unallocated' };
const piecesOfCluster = 32;
const keptTableBytes = 8 * 1024 * 1024;
const keptClusters = 4;

export async function openQcow2Layer(file: string): Promise<Qcow2Layer> {
  const handle = await open(file, 'r');
  try {
    const header = await readQcow2Header(handle, file);
    const l1 = Buffer.alloc(header.l1Entries * 8);
    await readFully(handle, l1, header.l1Offset, file);
    return layerOf(file, handle, header, l1);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function layerOf(file: string, handle: FileHandle, header: Qcow2Header, l1: Buffer): Qcow2Layer {
  const { clusterBytes, clusterBits, extendedL2, sizeBytes } = header;
  const entryBytes = extendedL2 ? 16 : 8;
  const l2Entries = clusterBytes / entryBytes;
  const l2Covers = l2Entries * clusterBytes;
  const pieceBytes = extendedL2 ? clusterBytes / piecesOfCluster : clusterBytes;
  const tables = kept<Promise<Buffer>>(Math.max(2, Math.floor(keptTableBytes / clusterBytes)));
  const unpacked = kept<Promise<Buffer>>(keptClusters);

  function table(l1Index: number): Promise<Buffer> | undefined {
    const at = Number(l1.readBigUInt64BE(l1Index * 8) & offsetMask);
    if (at === 0) return undefined;
    return tables(l1Index, async () => {
      const bytes = Buffer.alloc(clusterBytes);
      await readFully(handle, bytes, at, file);
      return bytes;
    });
  }

  /** What holds `offset`, and where its run of one kind ends: with subclusters inside of the cluster, else with it. */
  function runAt(l2: Buffer, offset: number): { readonly place: Place; readonly end: number } {
    const inCluster = offset % clusterBytes;
    const cluster = offset - inCluster;
    const end = cluster + clusterBytes;
    const entry = Math.floor((offset % l2Covers) / clusterBytes) * entryBytes;
    const [high, low] = [l2.readUInt32BE(entry), l2.readUInt32BE(entry + 4)];
    if ((high & compressedFlag) !== 0)
      return { place: compressedPlace(l2.readBigUInt64BE(entry), cluster), end };
    const hostCluster = (high & highOffsetMask) * 2 ** 32 + ((low & lowOffsetMask) >>> 0);
    const data: Place = { kind: 'data', hostOffset: hostCluster + inCluster };
    if (extendedL2) {
      const bitmaps = { zero: l2.readUInt32BE(entry + 8), allocated: l2.readUInt32BE(entry + 12) };
      const first = Math.floor(inCluster / pieceBytes);
      const { kind, pieces } = runOfPieces(bitmaps, first);
      const place: Place = kind === 'data' ? data : { kind };
      return { place, end: cluster + (first + pieces) * pieceBytes };
    }
    if (header.version === 3 && (low & zeroFlag) !== 0) return { place: { kind: 'zero' }, end };
    return { place: hostCluster === 0 ? { kind: 'unallocated' } : data, end };
  }

  function compressedPlace(entry: bigint, cluster: number): Place {
    const offsetBits = BigInt(62 - (clusterBits - 8));
    const hostOffset = Number(entry & ((1n << offsetBits) - 1n));
    const sectors = Number((entry & ((1n << 62n) - 1n)) >> offsetBits) + 1;
    return { kind: 'compressed', hostOffset, bytes: sectors * 512 - (hostOffset % 512), cluster };
  }

  async function* stretches(offset: number, length: number): AsyncGenerator<Stretch> {
    const end = Math.min(offset + length, sizeBytes);
    let open: Stretch | undefined;
    for (let at = offset; at < end; ) {
      const l1Index = Math.floor(at / l2Covers);
      const l2 = await table(l1Index);
      const tableEnd = Math.min((l1Index + 1) * l2Covers, end);
      while (at < tableEnd) {
        const run = l2 === undefined ? { place: unallocated, end: tableEnd } : runAt(l2, at);
        const stop = Math.min(run.end, tableEnd);
        const next: Stretch = { ...run.place, offset: at, length: stop - at };
        if (open !== undefined && continues(open, next))
          open = { ...open, length: open.length + next.length };
        else {
          if (open !== undefined) yield open;
          open = next;
        }
        at = stop;
      }
    }
    if (open !== undefined) yield open;
  }

  function cluster(stretch: Stretch & { readonly kind: 'compressed' }): Promise<Buffer> {
    return unpacked(stretch.cluster, async () => {
      const packed = Buffer.alloc(stretch.bytes);
      // The last sector of the file may be cut short.
      await handle.read(packed, 0, packed.length, stretch.hostOffset);
      return unpackCluster(packed, header, `${file} at ${stretch.hostOffset}`);
    });
  }

  return {
    file,
    header,
    stretches,
    async readStretch(stretch, into) {
      if (stretch.kind === 'data') await readFully(handle, into, stretch.hostOffset, file);
      else if (stretch.kind === 'compressed') {
        const from = stretch.offset - stretch.cluster;
        (await cluster(stretch)).copy(into, 0, from, from + stretch.length);
      } else into.fill(0);
    },
    close: () => handle.close(),
  };
}

/** From subcluster `first` on, as far as all are of one kind. */
function runOfPieces(
  { zero, allocated }: { readonly zero: number; readonly allocated: number },
  first: number,
): { readonly kind: 'zero' | 'data' | 'unallocated'; readonly pieces: number } {
  const kindOf = (piece: number) =>
    ((zero >>> piece) & 1) === 1 ? 'zero' : ((allocated >>> piece) & 1) === 1 ? 'data' : 'unallocated';
  const kind = kindOf(first);
  let end = first + 1;
  while (end < piecesOfCluster && kindOf(end) === kind) end++;
  return { kind, pieces: end - first };
}

function continues(before: Stretch, next: Stretch): boolean {
  if (before.kind === 'data' && next.kind === 'data')
    return before.hostOffset + before.length === next.hostOffset;
  if (before.kind === 'compressed' && next.kind === 'compressed') return before.cluster === next.cluster;
  return before.kind === next.kind && before.kind !== 'data' && before.kind !== 'compressed';
}
