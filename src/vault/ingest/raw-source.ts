/** A raw disk image. Node can't ask for its holes, so all of it is read; zeros cost memory speed and are not stored. */
import { open } from 'node:fs/promises';
import { type BlockSource, everything } from './block-source.ts';

export async function openRawSource(file: string): Promise<BlockSource> {
  const handle = await open(file, 'r');
  const sizeBytes = (await handle.stat()).size;
  return {
    sizeBytes,
    extents: () => everything(sizeBytes),
    async read(offset, length, into) {
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(into, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      into.fill(0, filled, length);
    },
    close: () => handle.close(),
  };
}
