import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes what a server left half-written when it died. Nothing is being written yet. */
export async function sweepDrafts(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.endsWith('.draft') || name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
  }
}
