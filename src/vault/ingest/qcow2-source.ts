/**
 * A qcow2 layer and what it stands on, read without QEMU. Never open one that a machine still writes: its tables may
 * be half on disk.
 */
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { VaultError } from '../errors.ts';
import type { BlockSource, Extent } from './block-source.ts';
import { openQcow2Layer, type Qcow2Layer } from './qcow2/layer.ts';
import { openRawSource } from './raw-source.ts';

export interface Qcow2SourceOptions {
  /**
   * 'refuse' for a file from outside: its header could name any file of this host. 'follow' for layers that the
   * node made; backing that is no file ('nbd+unix://…') is opened by `openBacking`.
   */
  readonly backing: 'follow' | 'refuse';
  readonly openBacking?: (name: string) => Promise<BlockSource | undefined>;
  /**
   * The layer (path) of the snapshot that is the parent: only what the layers above it allocated is an extent.
   * Without it, all of the chain is.
   */
  readonly since?: string;
}

/** QEMU itself gets slow far below this; a chain that comes back to itself is found by it. */
const deepestChain = 256;

export async function openQcow2Source(file: string, options: Qcow2SourceOptions): Promise<BlockSource> {
  const layers: Qcow2Layer[] = [];
  let base: BlockSource | undefined;
  const close = async () => {
    for (const layer of layers) await layer.close();
    await base?.close();
  };
  try {
    base = await openChain(resolve(file), options, layers);
    const own = options.since === undefined ? layers.length : layersAbove(layers, resolve(options.since));
    const baseCounts = own === layers.length && options.since === undefined;
    return chainSource(layers, own, base, baseCounts, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens downwards, appending to `layers`; answers what the lowest of them stands on, where that is no qcow2. */
async function openChain(
  file: string,
  options: Qcow2SourceOptions,
  layers: Qcow2Layer[],
): Promise<BlockSource | undefined> {
  for (let next = file; ; ) {
    if (layers.length >= deepestChain) {
      throw new VaultError('unreadable-source', `${file} stands on more than ${deepestChain} layers`);
    }
    const layer = await openQcow2Layer(next);
    layers.push(layer);
    const { backing } = layer.header;
    if (backing === undefined) return undefined;
    if (options.backing === 'refuse') {
      throw new VaultError(
        'unreadable-source',
        `${next} stands on '${backing.file}'; only a disk that stands alone is taken: flatten it with qemu-img convert`,
      );
    }
    const other = await options.openBacking?.(backing.file);
    if (other !== undefined) return other;
    const below = resolve(dirname(next), backing.file.replace(/^file:/, ''));
    if ((backing.format ?? (await formatOf(below))) === 'raw') return await openRawSource(below);
    next = below;
  }
}

async function formatOf(file: string): Promise<'raw' | 'qcow2'> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'QFI\xfb' ? 'qcow2' : 'raw';
  } finally {
    await handle.close();
  }
}

function layersAbove(layers: readonly Qcow2Layer[], since: string): number {
  const found = layers.findIndex((layer) => layer.file === since);
  if (found > 0) return found;
  const chain = layers.map((layer) => layer.file).join(' → ');
  throw new VaultError('unreadable-source', `${since} is not among the layers below: ${chain}`);
}

function chainSource(
  layers: readonly Qcow2Layer[],
  own: number,
  base: BlockSource | undefined,
  baseCounts: boolean,
  close: () => Promise<void>,
): BlockSource {
  const sizeBytes = layers[0]?.header.sizeBytes ?? 0;

  async function readFrom(depth: number, offset: number, into: Buffer): Promise<void> {
    const layer = layers[depth];
    if (layer === undefined) {
      if (base === undefined) into.fill(0);
      else await base.read(offset, into.length, into);
      return;
    }
    let filled = 0;
    for await (const stretch of layer.stretches(offset, into.length)) {
      const part = into.subarray(filled, filled + stretch.length);
      if (stretch.kind === 'unallocated') await readFrom(depth + 1, stretch.offset, part);
      else await layer.readStretch(stretch, part);
      filled += stretch.length;
    }
    // A layer that is smaller than the one above it reads as zeros past its end.
    into.fill(0, filled);
  }

  return {
    sizeBytes,
    async *extents(): AsyncGenerator<Extent> {
      for (const layer of layers.slice(0, own)) {
        for await (const { kind, offset, length } of layer.stretches(0, sizeBytes)) {
          if (kind !== 'unallocated') yield { offset, length, data: kind !== 'zero' };
        }
      }
      if (base === undefined || !baseCounts) return;
      for await (const extent of base.extents()) {
        const length = Math.min(extent.length, sizeBytes - extent.offset);
        if (length > 0) yield { ...extent, length };
      }
    },
    read: (offset, length, into) => readFrom(0, offset, into.subarray(0, length)),
    close,
  };
}
