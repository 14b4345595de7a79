/** Which blocks a source's extents touch: a bit a block, 4 MiB for a volume of 16 TiB. */
import { VaultError } from '../errors.ts';
import type { BlockSource } from './block-source.ts';

export interface DirtyBlocks {
  /** Blocks to read. */
  readonly count: number;
  /** Leaves with a block to read or to clear, ascending. */
  readonly leaves: readonly number[];
  /** Blocks of the leaf to read, ascending. */
  inLeaf(leaf: number): readonly number[];
  /** Blocks of the leaf that are known to be zeros now. */
  zeroInLeaf(leaf: number): readonly number[];
}

export async function findDirtyBlocks(
  source: BlockSource,
  blockBytes: number,
  leafEntries: number,
): Promise<DirtyBlocks> {
  const blocks = Math.ceil(source.sizeBytes / blockBytes);
  const data = bitmap(blocks);
  const zero = bitmap(blocks);
  for await (const { offset, length, data: holdsData } of source.extents()) {
    if (offset < 0 || length <= 0 || offset + length > source.sizeBytes) {
      throw new VaultError(
        'unreadable-source',
        `The source names ${length} bytes at ${offset}, outside of its ${source.sizeBytes} bytes`,
      );
    }
    const end = offset + length;
    const first = Math.floor(offset / blockBytes);
    const last = Math.floor((end - 1) / blockBytes);
    for (let block = first; block <= last; block++) {
      const wholeBlock =
        block * blockBytes >= offset && Math.min((block + 1) * blockBytes, source.sizeBytes) <= end;
      (holdsData || !wholeBlock ? data : zero).set(block);
    }
  }
  const leafCount = Math.ceil(blocks / leafEntries);
  const range = (leaf: number) => [leaf * leafEntries, Math.min((leaf + 1) * leafEntries, blocks)] as const;
  // A block that one extent calls zeros and another data is read: reading tells.
  const zeroOnly = (block: number) => zero.has(block) && !data.has(block);
  return {
    count: data.count(),
    leaves: Array.from({ length: leafCount }, (_, leaf) => leaf).filter(
      (leaf) => data.any(...range(leaf)) || zero.any(...range(leaf)),
    ),
    inLeaf: (leaf) => data.within(...range(leaf)),
    zeroInLeaf: (leaf) => zero.within(...range(leaf)).filter(zeroOnly),
  };
}

function bitmap(length: number) {
  const bytes = new Uint8Array(Math.ceil(length / 8));
  let count = 0;
  const has = (bit: number) => ((bytes[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  return {
    has,
    set(bit: number) {
      if (has(bit)) return;
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
      count++;
    },
    count: () => count,
    /** `from` is a multiple of 8. */
    any: (from: number, to: number) => bytes.subarray(from >> 3, (to + 7) >> 3).some((byte) => byte !== 0),
    within(from: number, to: number): readonly number[] {
      const found: number[] = [];
      for (let bit = from; bit < to; bit++) if (has(bit)) found.push(bit);
      return found;
    },
  };
}
