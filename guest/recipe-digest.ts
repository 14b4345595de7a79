import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/**
 * SHA-256 over the paths and contents of every file in the folders, tests left out: the same recipe has the same
 * digest on every machine and at any time.
 */
export async function recipeDigest(root: string, folders: readonly string[], salt: string): Promise<string> {
  const hash = createHash('sha256').update(salt);
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .toSorted();
    for (const file of files) {
      const content = await readFile(join(root, file));
      hash.update(`\0${file}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}
