/**
 * Which block lies where in the file of a block write: records of one length behind each other, each with its
 * checksum, so that one that a crash cut short is seen and ends the list.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

export interface WrittenBlock {
  readonly index: number;
  /** Which block of the file holds it; 'zero' where nothing does. */
  readonly slot: number | 'zero';
  readonly sha256: Buffer;
}

const recordBytes = 44;
const zeroSlot = 0xffff_ffff;

export interface WriteJournal {
  /** On disk once it answers. One at a time. */
  append(blocks: readonly WrittenBlock[]): Promise<void>;
  close(): Promise<void>;
}

/** Made where it is not; what a crash left half-written at its end is cut off. */
export async function openWriteJournal(
  file: string,
): Promise<{ readonly journal: WriteJournal; readonly blocks: readonly WrittenBlock[] }> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const blocks = parse(await handle.readFile());
    await handle.truncate(blocks.length * recordBytes);
    return { journal: journalOf(handle), blocks };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function journalOf(handle: FileHandle): WriteJournal {
  return {
    async append(blocks) {
      await handle.appendFile(Buffer.concat(blocks.map(record)));
      await handle.datasync();
    },
    close: () => handle.close(),
  };
}

function record({ index, slot, sha256 }: WrittenBlock): Buffer {
  const bytes = Buffer.alloc(recordBytes);
  bytes.writeUInt32BE(index, 0);
  bytes.writeUInt32BE(slot === 'zero' ? zeroSlot : slot, 4);
  sha256.copy(bytes, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 40)), 40);
  return bytes;
}

function parse(bytes: Buffer): readonly WrittenBlock[] {
  const blocks: WrittenBlock[] = [];
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    const each = bytes.subarray(at, at + recordBytes);
    if (crc32(each.subarray(0, 40)) !== each.readUInt32BE(40)) break;
    const slot = each.readUInt32BE(4);
    blocks.push({
      index: each.readUInt32BE(0),
      slot: slot === zeroSlot ? 'zero' : slot,
      sha256: Buffer.from(each.subarray(8, 40)),
    });
  }
  return blocks;
}
