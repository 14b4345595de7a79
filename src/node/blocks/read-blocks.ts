/** The commands that read snapshots block by block. */
import { createHash } from 'node:crypto';
import type { LayerId } from '../../platform/ids.ts';
import {
  type BlockContract,
  blockBytes,
  type ChangedBlockIndex,
  type StoredDisk,
} from '../block-contract.ts';
import { NodeError } from '../contract.ts';
import { layerChain } from '../disks/layer-status.ts';
import { openLayerSource } from '../vaults/layer-source.ts';
import type { BlockContext } from './block-context.ts';
import { blockMap, holds, type OpenDisk } from './open-disks.ts';

type ReadCommands = Pick<BlockContract, 'listBlocks' | 'listChangedBlocks' | 'shareLayers' | 'readBlock'>;

/** Comparing reads both sides: a page ends after so many blocks, however few of them differ. 1 GiB. */
const comparedBlocks = 2048;

export function readBlockCommands(context: BlockContext): ReadCommands {
  const { disks } = context;
  return {
    listBlocks: ({ disk, startingBlock, maxBlocks }) =>
      disks.use(disk, async (open) => {
        const map = await open.map();
        const blocks: number[] = [];
        for (let block = startingBlock; block < open.blocks; block++) {
          if (!holds(map, block)) continue;
          if (blocks.length === maxBlocks) return { blocks, nextBlock: block };
          blocks.push(block);
        }
        return { blocks };
      }),
    listChangedBlocks: ({ first, second, ...page }) =>
      disks.use(first, (before) =>
        disks.use(second, async (after) => {
          const common = await commonLayer(context, first, second);
          const candidates =
            common === undefined
              ? union(await before.map(), await after.map())
              : union(await mapSince(context, first, common), await mapSince(context, second, common));
          return await compare(before, after, candidates, page);
        }),
      ),
    shareLayers: async ({ first, second }) => (await commonLayer(context, first, second)) !== undefined,
    readBlock: ({ disk, index }) =>
      disks.use(disk, async ({ source }) => {
        const content = Buffer.alloc(blockBytes);
        await source.read(index * blockBytes, blockBytes, content);
        return { content, sha256: createHash('sha256').update(content).digest('hex') };
      }),
  };
}

async function compare(
  before: OpenDisk,
  after: OpenDisk,
  candidates: Uint8Array,
  page: { readonly startingBlock: number; readonly maxBlocks: number },
): Promise<{ readonly blocks: readonly ChangedBlockIndex[]; readonly nextBlock?: number }> {
  const inFirst = await before.map();
  const [one, other] = [Buffer.alloc(blockBytes), Buffer.alloc(blockBytes)];
  const blocks: ChangedBlockIndex[] = [];
  let compared = 0;
  for (let index = page.startingBlock; index < Math.max(before.blocks, after.blocks); index++) {
    if (!holds(candidates, index)) continue;
    if (blocks.length === page.maxBlocks || compared === comparedBlocks) return { blocks, nextBlock: index };
    compared += 1;
    await before.source.read(index * blockBytes, blockBytes, one);
    await after.source.read(index * blockBytes, blockBytes, other);
    if (!one.equals(other)) blocks.push({ index, inFirst: holds(inFirst, index) });
  }
  return { blocks };
}

function union(one: Uint8Array, other: Uint8Array): Uint8Array {
  const [long, short] = one.length >= other.length ? [one, other] : [other, one];
  return long.map((byte, at) => byte | (short[at] ?? 0));
}

/** The uppermost layer that both stand on. */
async function commonLayer(
  context: BlockContext,
  first: StoredDisk,
  second: StoredDisk,
): Promise<LayerId | undefined> {
  const [one, other] = [await chainOf(context, first), await chainOf(context, second)];
  return one.find((layerId) => other.includes(layerId));
}

/** Empty where the disk isn't here as layers, or not as all of them. */
async function chainOf({ folders }: BlockContext, { layerId }: StoredDisk): Promise<readonly LayerId[]> {
  try {
    return await layerChain(folders.layers, layerId);
  } catch (error) {
    if (error instanceof NodeError && error.kind === 'unknown-layer') return [];
    throw error;
  }
}

/** What the layers above the common one say anything of. */
async function mapSince(
  context: BlockContext,
  { layerId }: StoredDisk,
  common: LayerId,
): Promise<Uint8Array> {
  if (layerId === common) return new Uint8Array(0);
  const source = await openLayerSource(context, layerId, common);
  try {
    return await blockMap(source, true);
  } finally {
    await source.close();
  }
}
