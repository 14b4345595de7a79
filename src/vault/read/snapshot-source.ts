/** A stored snapshot as a source: what a layer stands on when the layers below it are gone, or what is read back. */
import type { BlockSource, Extent } from '../ingest/block-source.ts';
import { listBlocks } from './list-blocks.ts';
import type { OpenSnapshot } from './open-snapshot.ts';

export function snapshotSource(snapshot: OpenSnapshot): BlockSource {
  const { sizeBytes, blockBytes } = snapshot.manifest;
  return {
    sizeBytes,
    async *extents(): AsyncGenerator<Extent> {
      for await (const { index } of listBlocks(snapshot)) {
        const offset = index * blockBytes;
        yield { offset, length: Math.min(blockBytes, sizeBytes - offset), data: true };
      }
    },
    async read(offset, length, into) {
      let filled = 0;
      while (filled < length) {
        const at = offset + filled;
        const inBlock = at % blockBytes;
        const part = Math.min(length - filled, blockBytes - inBlock);
        const block = at < sizeBytes ? await snapshot.readBlock(Math.floor(at / blockBytes)) : undefined;
        if (block === undefined) into.fill(0, filled, filled + part);
        else block.copy(into, filled, inBlock, inBlock + part);
        filled += part;
      }
    },
    close: async () => undefined,
  };
}
