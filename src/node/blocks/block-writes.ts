/** The block writes of a node: found again on disk after a restart, opened when they are asked for. */
import { readdir, rm } from 'node:fs/promises';
import { flushFolder, writeDurably } from '../../platform/files.ts';
import type { LayerId } from '../../platform/ids.ts';
import type { BlockWriteStatus } from '../block-contract.ts';
import { NodeError } from '../contract.ts';
import { type BegunWrite, type BlockWrite, openBlockWrite, writeFiles } from './block-write.ts';

export interface BlockWrites {
  begin(layerId: LayerId, begun: BegunWrite): Promise<BlockWrite>;
  /** Throws 'unknown-layer' where none is under way. */
  get(layerId: LayerId): Promise<BlockWrite>;
  list(): Promise<readonly BlockWriteStatus[]>;
  /** The layers that they will stand on. */
  parents(): Promise<readonly LayerId[]>;
  /** Closes it and removes what is left of it in the folder. */
  end(layerId: LayerId): Promise<void>;
  close(): Promise<void>;
}

const suffix = '.json';

export function blockWrites(folder: string): BlockWrites {
  const open = new Map<LayerId, Promise<BlockWrite | undefined>>();

  async function find(layerId: LayerId): Promise<BlockWrite | undefined> {
    const opening = open.get(layerId) ?? openBlockWrite(folder, layerId);
    open.set(layerId, opening);
    try {
      const found = await opening;
      if (found === undefined) open.delete(layerId);
      return found;
    } catch (error) {
      open.delete(layerId);
      throw error;
    }
  }

  async function get(layerId: LayerId): Promise<BlockWrite> {
    const found = await find(layerId);
    if (found !== undefined) return found;
    throw new NodeError('unknown-layer', `no writing of the layer ${layerId} is under way on this node`);
  }

  async function all(): Promise<readonly BlockWrite[]> {
    const names = (await readdir(folder)).filter((name) => name.endsWith(suffix));
    const writes = await Promise.all(names.map((name) => find(name.slice(0, -suffix.length) as LayerId)));
    return writes.filter((write) => write !== undefined);
  }

  return {
    get,
    async begin(layerId, begun) {
      if ((await find(layerId)) === undefined) {
        await writeDurably(writeFiles(folder, layerId).begun, `${JSON.stringify(begun)}\n`, { mode: 0o600 });
      }
      const write = await get(layerId);
      await flushFolder(folder);
      return write;
    },
    async parents() {
      return (await all()).flatMap((write) => write.begun.parentLayerId ?? []);
    },
    list: async () => (await all()).map((write) => write.status()),
    async end(layerId) {
      const write = await find(layerId);
      open.delete(layerId);
      await write?.close();
      const files = writeFiles(folder, layerId);
      for (const file of [files.journal, files.data, files.begun]) await rm(file, { force: true });
    },
    async close() {
      for (const write of await Promise.allSettled(open.values())) {
        if (write.status === 'fulfilled') await write.value?.close();
      }
      open.clear();
    },
  };
}
