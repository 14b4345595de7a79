/** The commands that make a layer block by block. */
import { createHash } from 'node:crypto';
import { chmod, open, rename } from 'node:fs/promises';
import { flushFolder } from '../../platform/files.ts';
import type { LayerId } from '../../platform/ids.ts';
import { type BlockContract, blockBytes, type CompletedBlockWrite } from '../block-contract.ts';
import { NodeError } from '../contract.ts';
import { freezeLayer, hasLayer, layerFileName, layerHeader, layerPath } from '../disks/layer-files.ts';
import { layerStatus } from '../disks/layer-status.ts';
import { admitDisk } from '../machines/admission.ts';
import type { BlockContext } from './block-context.ts';
import { type BlockWrite, slotOffset } from './block-write.ts';
import { type BlockPlace, layerTables } from './qcow2-tables.ts';

type WriteCommands = Pick<
  BlockContract,
  'startBlockWrite' | 'writeBlock' | 'completeBlockWrite' | 'abandonBlockWrite' | 'listBlockWrites'
>;

export function writeBlockCommands(context: BlockContext): WriteCommands {
  const { blockWrites: writes, folders, queue } = context;
  return {
    async startBlockWrite({ layerId, parentLayerId, sizeBytes }) {
      await admitDisk(context);
      if (parentLayerId !== undefined) {
        const parent = await layerHeader(folders.layers, parentLayerId);
        if (parent.sizeBytes > sizeBytes) {
          throw new NodeError('internal', `layer ${layerId} is smaller than its parent ${parentLayerId}`);
        }
      }
      const begun = { sizeBytes, ...(parentLayerId === undefined ? {} : { parentLayerId }) };
      return (await writes.begin(layerId, begun)).status();
    },
    async writeBlock({ layerId, index, content, sha256 }) {
      await admitDisk(context);
      return { state: await (await writes.get(layerId)).put(index, content, sha256) };
    },
    // Beside the deletion of layers, which must see whole what it stands on.
    completeBlockWrite: (request) => queue.run(['layers'], () => complete(context, request)),
    abandonBlockWrite: ({ layerId }) => writes.end(layerId),
    listBlockWrites: () => writes.list(),
  };
}

async function complete(
  context: BlockContext,
  request: { readonly layerId: LayerId; readonly blocks: number; readonly checksum?: string },
): Promise<CompletedBlockWrite> {
  const { folders, blockWrites: writes } = context;
  const { layerId } = request;
  if (!(await hasLayer(folders.layers, layerId))) {
    const write = await writes.get(layerId);
    await write.hold();
    try {
      const checksum = checksumOf(write);
      const { blocks } = write.status();
      if (blocks !== request.blocks || (request.checksum ?? checksum) !== checksum) {
        return { state: 'mismatch', blocks, checksum };
      }
      await publish(context, layerId, write);
    } finally {
      // Where its file became the layer it takes none any more, and is closed below.
      if (!(await hasLayer(folders.layers, layerId))) write.letGo();
    }
  }
  await freezeLayer(folders.layers, layerId);
  await writes.end(layerId);
  return { state: 'completed', layer: await layerStatus(folders.layers, layerId) };
}

async function publish(context: BlockContext, layerId: LayerId, write: BlockWrite): Promise<void> {
  const { layers } = context.folders;
  const { parentLayerId } = write.begun;
  // What others stand on must never change again.
  if (parentLayerId !== undefined) await freezeLayer(layers, parentLayerId);
  await context.fault('blocks:seal');
  await seal(write);
  await context.fault('blocks:publish');
  await rename(write.file, layerPath(layers, layerId));
  await flushFolder(layers);
}

function checksumOf({ blocks }: BlockWrite): string {
  const hash = createHash('sha256');
  for (const index of [...blocks.keys()].sort((a, b) => a - b)) hash.update(blocks.get(index)?.sha256 ?? '');
  return hash.digest('hex');
}

/** Tables first, the header last: until it is there the file is data alone. */
async function seal(write: BlockWrite): Promise<void> {
  const { sizeBytes, parentLayerId } = write.begun;
  const places = new Map<number, BlockPlace>();
  for (const { index, slot } of write.blocks.values()) {
    if (slot !== 'zero') places.set(index, slotOffset(slot));
    else if (parentLayerId !== undefined) places.set(index, 'zero');
  }
  const { lengthBytes, pieces } = layerTables({
    sizeBytes,
    blockBytes,
    places,
    tablesAt: write.endBytes,
    ...(parentLayerId === undefined ? {} : { backing: layerFileName(parentLayerId) }),
  });
  const [header, ...tables] = pieces;
  const file = await open(write.file, 'r+');
  try {
    await file.truncate(write.endBytes);
    await file.truncate(lengthBytes);
    for (const { offset, bytes } of tables) await file.write(bytes, 0, bytes.length, offset);
    await file.datasync();
    if (header !== undefined) await file.write(header.bytes, 0, header.bytes.length, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(write.file, 0o444);
}
