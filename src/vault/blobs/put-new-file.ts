/**
 * How a worker thread puts a new object into a directory store: as `directory-store.ts` does, but it may block where
 * the file system answers from memory, and waits for the disk alone.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fdatasync, linkSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, foldersMade, temporariesOf } from './directory-files.ts';

const flushContent = promisify(fdatasync);

export interface NewFile {
  /** False where there was one already. */
  readonly stored: boolean;
  /** Folders with a new name in them, for `LocalFolder.touched`. */
  readonly folders: readonly string[];
}

/** `bytes` are read before it first waits. Its content is durable when it answers. */
export async function putNewFile(root: string, key: string, bytes: Uint8Array): Promise<NewFile> {
  const file = join(root, key);
  const folders: string[] = [];
  const temporary = join(temporariesOf(root), randomBytes(8).toString('hex'));
  const descriptor = withFolder(temporary, folders, () => openSync(temporary, 'wx'));
  try {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
      await flushContent(descriptor);
    } finally {
      closeSync(descriptor);
    }
    withFolder(file, folders, () => linkSync(temporary, file));
    folders.push(dirname(file));
    return { stored: true, folders };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return { stored: false, folders };
    const reason = error instanceof Error ? error.message : String(error);
    throw Object.assign(new Error(`${file} could not be written: ${reason}`, { cause: error }), { code });
  } finally {
    unlinkSync(temporary);
  }
}

/** Makes the folder only where it is missing. */
function withFolder<T>(file: string, folders: string[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    folders.push(...foldersMade(dirname(file), mkdirSync(dirname(file), { recursive: true })));
    return work();
  }
}
