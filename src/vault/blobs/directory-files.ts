/** What `directory-store.ts` does with one file. Absence is an answer; everything else is thrown. */
import type { BigIntStats } from 'node:fs';
import { link, open, readdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BlobInfo } from './blob-store.ts';

/** Of a file that a conditional delete is deciding on. */
export const asideSuffix = '.condemned';

/** Puts under way. */
export const temporariesOf = (root: string) => join(root, 'tmp');

/** What to flush after `mkdir(folder, { recursive: true })` answered `first`: whatever has a new folder in it. */
export function foldersMade(folder: string, first: string | undefined): readonly string[] {
  if (first === undefined) return [];
  const folders = [dirname(first)];
  for (let at = folder; at !== dirname(first); at = dirname(at)) folders.push(at);
  return folders;
}

export async function writeFlushed(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

export async function read(key: string, file: string) {
  try {
    const handle = await open(file, 'r');
    try {
      const info = infoOf(key, await handle.stat({ bigint: true }));
      const bytes = Buffer.allocUnsafeSlow(info.sizeBytes);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return { ...info, bytes: bytes.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export function infoOf(key: string, found: BigIntStats): BlobInfo {
  const version = `${found.mtimeNs}-${found.ino}-${found.size}`;
  return { key, sizeBytes: Number(found.size), modifiedAtMs: Number(found.mtimeNs / 1000n) / 1000, version };
}

/** Gives a running delete its moment before taking its file for abandoned. */
export async function abandonedAside(file: string, asideForMs: number): Promise<boolean> {
  const moved = await statIfPresent(file + asideSuffix);
  return moved !== undefined && Date.now() - Number(moved.ctimeMs) >= asideForMs;
}

export async function putBack(file: string): Promise<void> {
  try {
    await link(file + asideSuffix, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  await unlinkIfPresent(file + asideSuffix);
}

export async function statIfPresent(file: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(file, { bigint: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export async function unlinkIfPresent(file: string): Promise<boolean> {
  try {
    await unlink(file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
