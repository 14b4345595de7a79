/**
 * A frozen layer in the making. Blocks go straight to where they stay, in the order in which they come, and a journal
 * says which is which; at the end tables behind them make the file a layer, and it is renamed into the layers' folder.
 * Nothing is copied, and at every moment the journal and the data on disk say the same.
 *
 * In the writes' folder: `<layer>.json` (what was asked for), `<layer>.data`, `<layer>.journal`.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent } from '../../platform/files.ts';
import type { LayerId } from '../../platform/ids.ts';
import { type BlockWriteStatus, blockBytes } from '../block-contract.ts';
import { NodeError } from '../contract.ts';
import { clusterBytes } from '../disks/empty-qcow2.ts';
import { assertName } from '../names.ts';
import { openWriteJournal, type WriteJournal, type WrittenBlock } from './write-journal.ts';

/** As `<layer>.json` holds it. */
export interface BegunWrite {
  readonly sizeBytes: number;
  readonly parentLayerId?: LayerId;
}

export interface BlockWrite {
  readonly begun: BegunWrite;
  /** The data's file, and where behind it there is room. */
  readonly file: string;
  readonly endBytes: number;
  /** By index; only what is on disk. */
  readonly blocks: ReadonlyMap<number, WrittenBlock>;
  status(): BlockWriteStatus;
  /** On disk once answered. 'contended' while another one of this index, or the end, is under way. */
  put(index: number, content: Uint8Array, sha256: string): Promise<'written' | 'damaged' | 'contended'>;
  /** Takes no more, and waits for what is under way. */
  hold(): Promise<void>;
  /** Takes blocks again. */
  letGo(): void;
  close(): Promise<void>;
}

/** The header's cluster comes first. */
export function slotOffset(slot: number): number {
  return clusterBytes + slot * blockBytes;
}

export function writeFiles(folder: string, layerId: LayerId) {
  assertName(layerId, 'layer id');
  const path = join(folder, layerId);
  return { begun: `${path}.json`, data: `${path}.data`, journal: `${path}.journal` };
}

/** Undefined where none was begun. */
export async function openBlockWrite(folder: string, layerId: LayerId): Promise<BlockWrite | undefined> {
  const files = writeFiles(folder, layerId);
  const text = await readIfPresent(files.begun);
  if (text === undefined) return undefined;
  const { journal, blocks } = await openWriteJournal(files.journal);
  const data = await open(files.data, 'r+').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return await open(files.data, 'w+', 0o600);
    await journal.close();
    throw error;
  });
  const lastWrittenAt = (await stat(files.journal)).mtime;
  return blockWriteOf(layerId, JSON.parse(text) as BegunWrite, {
    data,
    file: files.data,
    journal,
    blocks,
    lastWrittenAt,
  });
}

function blockWriteOf(
  layerId: LayerId,
  begun: BegunWrite,
  opened: {
    readonly data: FileHandle;
    readonly file: string;
    readonly journal: WriteJournal;
    readonly blocks: readonly WrittenBlock[];
    readonly lastWrittenAt: Date;
  },
): BlockWrite {
  const { data, file, journal } = opened;
  const blocks = new Map(opened.blocks.map((block) => [block.index, block]));
  const used = opened.blocks.map(({ slot }) => (slot === 'zero' ? -1 : slot));
  let slots = used.reduce((highest, slot) => Math.max(highest, slot + 1), 0);
  let lastWrittenAt = opened.lastWrittenAt;
  const underWay = new Map<number, Promise<void>>();
  let held = false;
  const blockCount = Math.ceil(begun.sizeBytes / blockBytes);
  const record = recordTogether(data, journal, (written) => {
    for (const block of written) blocks.set(block.index, block);
    lastWrittenAt = new Date();
  });

  async function write(index: number, content: Uint8Array, sha256: Buffer): Promise<void> {
    if (isZero(content)) return await record({ index, slot: 'zero', sha256 });
    const slot = slots;
    slots += 1;
    await data.write(content, 0, content.length, slotOffset(slot));
    await record({ index, slot, sha256 });
  }

  return {
    begun,
    file,
    blocks,
    get endBytes() {
      return slotOffset(slots);
    },
    status: () => ({ layerId, blocks: blocks.size, lastWrittenAt: lastWrittenAt.toISOString() }),
    async put(index, content, sha256) {
      if (!Number.isInteger(index) || index < 0 || index >= blockCount || content.length !== blockBytes) {
        throw new NodeError(
          'internal',
          `block ${index} of ${content.length} bytes does not fit ${layerId}: ${blockCount} blocks of ${blockBytes}`,
        );
      }
      const found = createHash('sha256').update(content).digest();
      if (found.toString('hex') !== sha256) return 'damaged';
      if (held || underWay.has(index)) return 'contended';
      const writing = write(index, content, found);
      underWay.set(index, writing);
      try {
        await writing;
        return 'written';
      } finally {
        underWay.delete(index);
      }
    },
    async hold() {
      held = true;
      await Promise.allSettled(underWay.values());
    },
    letGo: () => {
      held = false;
    },
    async close() {
      await journal.close();
      await data.close();
    },
  };
}

/** Who comes while the disk is flushed shares the next flush: data first, then what says where it lies. */
function recordTogether(
  data: FileHandle,
  journal: WriteJournal,
  done: (written: readonly WrittenBlock[]) => void,
): (block: WrittenBlock) => Promise<void> {
  let waiting: WrittenBlock[] = [];
  let next: Promise<void> | undefined;
  let running: Promise<void> = Promise.resolve();

  async function flush(before: Promise<void>): Promise<void> {
    await before.catch(() => undefined);
    const written = waiting;
    waiting = [];
    next = undefined;
    await data.datasync();
    await journal.append(written);
    done(written);
  }

  return async (block) => {
    waiting.push(block);
    if (next === undefined) {
      next = flush(running);
      running = next;
    }
    await next;
  };
}

const zeros = Buffer.alloc(blockBytes);

function isZero(content: Uint8Array): boolean {
  return zeros.compare(content) === 0;
}
