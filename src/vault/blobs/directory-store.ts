/**
 * A store in a folder. A put writes beside, flushes, and renames (or links, where it must not replace); folders are
 * flushed together in `flush`. A conditional delete moves the file aside, looks again, and puts it back where it
 * was replaced in between.
 */
import { randomBytes } from 'node:crypto';
import { link, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { flushFolder } from '../../platform/files.ts';
import { inParallel } from '../work/in-parallel.ts';
import type { BlobInfo, BlobStore } from './blob-store.ts';
import {
  abandonedAside,
  asideSuffix,
  codeOf,
  foldersMade,
  infoOf,
  namesIn,
  putBack,
  read,
  statIfPresent,
  temporariesOf,
  unlinkIfPresent,
  writeFlushed,
} from './directory-files.ts';

export interface DirectoryStoreOptions {
  /** How long a delete may have a file moved aside before it counts as interrupted. */
  readonly asideForMs?: number;
}

export function directoryStore(root: string, { asideForMs = 10_000 }: DirectoryStoreOptions = {}): BlobStore {
  const temporaries = temporariesOf(root);
  const unflushed = new Set<string>();
  const fileOf = (key: string) => join(root, key);
  const touched = (folders: readonly string[]) => {
    for (const folder of folders) unflushed.add(folder);
  };

  // A read looks aside for a file that a delete is deciding on, then once more where it may have been put back.
  const store: BlobStore = {
    description: `the folder ${root}`,
    remote: false,
    async get(key) {
      const file = fileOf(key);
      return (await read(key, file)) ?? (await read(key, file + asideSuffix)) ?? (await read(key, file));
    },
    async head(key) {
      const file = fileOf(key);
      const found =
        (await statIfPresent(file)) ??
        (await statIfPresent(file + asideSuffix)) ??
        (await statIfPresent(file));
      return found?.isFile() ? infoOf(key, found) : undefined;
    },
    async put(key, bytes, options = {}) {
      const file = fileOf(key);
      const temporary = join(temporaries, randomBytes(8).toString('hex'));
      await withFolder(temporary, () => writeFlushed(temporary, bytes));
      try {
        await withFolder(file, () => (options.ifAbsent ? link(temporary, file) : rename(temporary, file)));
        unflushed.add(dirname(file));
        return 'stored';
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return 'exists';
        throw new Error(`${file} could not be written`, { cause: error });
      } finally {
        await unlinkIfPresent(temporary);
      }
    },
    async delete(key, { ifVersion } = {}) {
      const file = fileOf(key);
      if (ifVersion === undefined) return (await unlinkIfPresent(file)) ? 'deleted' : 'absent';
      const before = await statIfPresent(file);
      if (before === undefined) return 'absent';
      if (infoOf(key, before).version !== ifVersion) return 'changed';
      await rename(file, file + asideSuffix);
      const moved = await statIfPresent(file + asideSuffix);
      if (moved !== undefined && infoOf(key, moved).version !== ifVersion) {
        await putBack(file);
        return 'changed';
      }
      await unlinkIfPresent(file + asideSuffix);
      return 'deleted';
    },
    async *list(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
      yield* walk(folder, prefix);
    },
    async flush() {
      const folders = [...unflushed];
      unflushed.clear();
      await inParallel(8, folders, async (folder) => {
        try {
          await flushFolder(folder);
        } catch (error) {
          // A folder whose last file was collected has nothing to lose.
          if (codeOf(error) !== 'ENOENT') throw error;
        }
      });
    },
    async tidy(olderThanMs) {
      let removed = 0;
      for (const name of await namesIn(temporaries)) {
        const file = join(temporaries, name);
        const found = await statIfPresent(file);
        if (found !== undefined && Number(found.mtimeMs) < olderThanMs && (await unlinkIfPresent(file)))
          removed++;
      }
      return removed;
    },
    guardsDeletes: async () => true,
    local: { root, touched },
    close: () => store.flush(),
  };

  async function* walk(folder: string, prefix: string): AsyncGenerator<BlobInfo> {
    for (const name of await namesIn(join(root, folder))) {
      let key = folder + name;
      // A delete that was cut short after moving its file aside did not happen.
      if (key.endsWith(asideSuffix)) {
        key = key.slice(0, -asideSuffix.length);
        if (await abandonedAside(fileOf(key), asideForMs)) await putBack(fileOf(key));
        else continue;
      }
      if (!key.startsWith(prefix) && !prefix.startsWith(`${key}/`)) continue;
      const found = await statIfPresent(fileOf(key));
      if (found?.isDirectory()) yield* walk(`${key}/`, prefix);
      else if (found !== undefined) yield infoOf(key, found);
    }
  }

  /** Makes the folder only where it is missing, and remembers to flush each one made. */
  async function withFolder(file: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      touched(foldersMade(dirname(file), await mkdir(dirname(file), { recursive: true })));
      await work();
    }
  }
  return store;
}
