/** A snapshot as one file: the raw disk, compressed with zstd. `zstd -d` gives what any hypervisor takes. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import type { EBS } from '@aws-sdk/client-ebs';
import {
  type BlockToSend,
  blocksOf,
  inParallel,
  linearChecksum,
  readBlock,
  sha256Of,
  writeBlock,
} from '../../platform/ebs-blocks.ts';
import { FactoryError } from '../factory-error.ts';

const blockBytes = 512 * 1024;
const blocksPerGiB = 2048;
const atOnce = 8;
const zeros = Buffer.alloc(blockBytes);

export interface DiskSnapshot {
  readonly snapshotId: string;
  readonly sizeGiB: number;
}

export interface Digested {
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** Flushed when it answers. */
export async function writeDiskFile(
  ebs: EBS,
  { snapshotId, sizeGiB }: DiskSnapshot,
  file: string,
  signal: AbortSignal,
): Promise<Digested> {
  const { digest, stream } = digesting();
  const raw = Readable.from(rawBlocks(ebs, snapshotId, sizeGiB * blocksPerGiB), { objectMode: false });
  await pipeline(raw, createZstdCompress(), stream, createWriteStream(file), { signal });
  const handle = await open(file, 'r');
  await handle.sync().finally(() => handle.close());
  return digest();
}

/** In order, with what was never written as zeros; some are asked for ahead. */
async function* rawBlocks(ebs: EBS, snapshotId: string, count: number): AsyncGenerator<Buffer> {
  const ahead: Promise<{ readonly index: number; readonly content: Buffer }>[] = [];
  let at = 0;
  async function* upTo(index: number) {
    for (; at < index; at += 1) yield zeros;
  }
  async function* first() {
    const { index, content } = (await ahead.shift()) ?? { index: at, content: zeros };
    yield* upTo(index);
    yield content;
    at = index + 1;
  }
  for await (const block of blocksOf(ebs, snapshotId, undefined)) {
    const read = readWhole(ebs, snapshotId, block);
    // Whoever awaits it hears of it; those behind a failed one are awaited by nobody.
    read.catch(() => undefined);
    ahead.push(read);
    if (ahead.length >= atOnce) yield* first();
  }
  while (ahead.length > 0) yield* first();
  yield* upTo(count);
}

async function readWhole(ebs: EBS, snapshotId: string, block: BlockToSend) {
  const { content } = await readBlock(ebs, snapshotId, block, blockBytes);
  return { index: block.index, content };
}

/** A disk file into a snapshot that is not completed yet. Throws where the file holds more than the disk. */
export async function readDiskFile(
  ebs: EBS,
  file: string,
  { snapshotId, sizeGiB }: DiskSnapshot,
  signal: AbortSignal,
): Promise<{ readonly blocks: number; readonly checksum: string }> {
  const raw = createReadStream(file).pipe(createZstdDecompress({ chunkSize: blockBytes }));
  const count = sizeGiB * blocksPerGiB;
  const written = new Map<number, string>();
  await inParallel(atOnce, filledBlocks(raw), async ({ index, content }) => {
    signal.throwIfAborted();
    if (index >= count) throw new FactoryError('invalid', `${file} holds more than a disk of ${sizeGiB} GiB`);
    const sha256 = sha256Of(content);
    await writeBlock(ebs, snapshotId, { index, content, sha256, percent: Math.floor((100 * index) / count) });
    written.set(index, sha256);
  });
  return { blocks: written.size, checksum: linearChecksum(written) };
}

async function* filledBlocks(
  raw: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly index: number; readonly content: Buffer }> {
  let index = 0;
  let parts: Uint8Array[] = [];
  let held = 0;
  for await (const part of raw) {
    for (let from = 0; from < part.length; ) {
      const taken = part.subarray(from, from + blockBytes - held);
      parts.push(taken);
      held += taken.length;
      from += taken.length;
      if (held < blockBytes) continue;
      const content =
        parts.length === 1 ? Buffer.from(taken.buffer, taken.byteOffset, held) : Buffer.concat(parts);
      if (!content.equals(zeros)) yield { index, content };
      [index, parts, held] = [index + 1, [], 0];
    }
  }
  if (held > 0) throw new FactoryError('invalid', 'A disk file ends inside a block of 512 KiB');
}

/** What passes is counted. */
export function digesting(): { readonly stream: Transform; readonly digest: () => Digested } {
  const hash = createHash('sha256');
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, digest: () => ({ sha256: hash.digest('hex'), bytes }) };
}
