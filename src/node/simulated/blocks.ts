/**
 * Snapshots of a simulated node, block by block. What was written from outside has its content; the blocks that other
 * layers bring are names, which stand behind what is below them, each filled with what follows from its name.
 */
import { createHash } from 'node:crypto';
import type { LayerId } from '../../platform/ids.ts';
import { type BlockContract, type BlockWriteStatus, blockBytes } from '../block-contract.ts';
import { NodeError } from '../contract.ts';
import { layerStatus } from './layers.ts';
import { layerOf, type SimulatedState } from './state.ts';

interface SimulatedWrite {
  readonly sizeBytes: number;
  readonly parentLayerId?: LayerId;
  readonly blocks: Map<number, Buffer>;
  lastWrittenAt: Date;
}

export function simulatedBlocks(state: SimulatedState): BlockContract {
  const writes = new Map<LayerId, SimulatedWrite>();
  const written = new Map<LayerId, ReadonlyMap<number, Buffer>>();

  function contentOf(layerId: LayerId): ReadonlyMap<number, Buffer> {
    const { parentLayerId, blocks } = layerOf(state, layerId);
    const content = new Map(parentLayerId === undefined ? [] : contentOf(parentLayerId));
    const own = written.get(layerId);
    if (own !== undefined) for (const [index, block] of own) content.set(index, block);
    else for (const name of blocks) content.set(Math.max(-1, ...content.keys()) + 1, named(name));
    return content;
  }

  function chainOf(layerId: LayerId): readonly LayerId[] {
    const { parentLayerId } = layerOf(state, layerId);
    return parentLayerId === undefined ? [layerId] : [layerId, ...chainOf(parentLayerId)];
  }

  function writeOf(layerId: LayerId): SimulatedWrite {
    const write = writes.get(layerId);
    if (write === undefined) throw new NodeError('unknown-layer', `no writing of ${layerId} is under way`);
    return write;
  }

  const statusOf = (layerId: LayerId, { blocks, lastWrittenAt }: SimulatedWrite): BlockWriteStatus => ({
    layerId,
    blocks: blocks.size,
    lastWrittenAt: lastWrittenAt.toISOString(),
  });

  return {
    async listBlocks({ disk, startingBlock, maxBlocks }) {
      const all = indexes(contentOf(disk.layerId)).filter((index) => index >= startingBlock);
      return page(all, maxBlocks);
    },
    async listChangedBlocks({ first, second, startingBlock, maxBlocks }) {
      const [before, after] = [contentOf(first.layerId), contentOf(second.layerId)];
      const both = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) => a - b);
      const differs = (index: number) => !(before.get(index) ?? zeros).equals(after.get(index) ?? zeros);
      const changed = both.filter((index) => index >= startingBlock && differs(index));
      const { blocks, ...rest } = page(changed, maxBlocks);
      return { blocks: blocks.map((index) => ({ index, inFirst: before.has(index) })), ...rest };
    },
    async shareLayers({ first, second }) {
      const others = chainOf(second.layerId);
      return chainOf(first.layerId).some((layerId) => others.includes(layerId));
    },
    async readBlock({ disk, index }) {
      const content = contentOf(disk.layerId).get(index) ?? zeros;
      return { content, sha256: digest(content).toString('hex') };
    },
    async startBlockWrite({ layerId, parentLayerId, sizeBytes }) {
      if (parentLayerId !== undefined) layerOf(state, parentLayerId);
      const parent = parentLayerId === undefined ? {} : { parentLayerId };
      const write = writes.get(layerId) ?? {
        sizeBytes,
        ...parent,
        blocks: new Map(),
        lastWrittenAt: new Date(),
      };
      writes.set(layerId, write);
      return statusOf(layerId, write);
    },
    async writeBlock({ layerId, index, content, sha256 }) {
      const write = writeOf(layerId);
      if (digest(content).toString('hex') !== sha256) return { state: 'damaged' };
      write.blocks.set(index, Buffer.from(content));
      write.lastWrittenAt = new Date();
      return { state: 'written' };
    },
    async completeBlockWrite({ layerId, blocks, checksum }) {
      if (!state.layers.has(layerId)) {
        const write = writeOf(layerId);
        const found = checksumOf(write.blocks);
        if (write.blocks.size !== blocks || (checksum ?? found) !== found) {
          return { state: 'mismatch', blocks: write.blocks.size, checksum: found };
        }
        const { sizeBytes, parentLayerId } = write;
        const parent = parentLayerId === undefined ? {} : { parentLayerId };
        const names = indexes(write.blocks).map((index) => digest(write.blocks.get(index) ?? zeros));
        written.set(layerId, write.blocks);
        state.layers.set(layerId, {
          layerId,
          ...parent,
          sizeBytes,
          frozen: true,
          blocks: names.map((name) => name.toString('hex')),
        });
        writes.delete(layerId);
      }
      return { state: 'completed', layer: layerStatus(state, layerId) };
    },
    async abandonBlockWrite({ layerId }) {
      writes.delete(layerId);
    },
    listBlockWrites: async () => [...writes].map(([layerId, write]) => statusOf(layerId, write)),
  };
}

const zeros = Buffer.alloc(blockBytes);

function named(name: string): Buffer {
  return Buffer.alloc(blockBytes, digest(Buffer.from(name)));
}

function digest(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

function checksumOf(blocks: ReadonlyMap<number, Buffer>): string {
  const hash = createHash('sha256');
  for (const index of indexes(blocks)) hash.update(digest(blocks.get(index) ?? zeros));
  return hash.digest('hex');
}

function indexes(content: ReadonlyMap<number, unknown>): readonly number[] {
  return [...content.keys()].sort((a, b) => a - b);
}

function page(all: readonly number[], maxBlocks: number) {
  const nextBlock = all[maxBlocks];
  return { blocks: all.slice(0, maxBlocks), ...(nextBlock === undefined ? {} : { nextBlock }) };
}
