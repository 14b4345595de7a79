import { open, writeFile } from 'node:fs/promises';
import { isMissing } from '../is-missing.ts';

const largestBytes = 8 << 20;
const keptBytes = 1 << 20;

/** Beside the console: the end of what was cut off. */
export function olderConsole(path: string): string {
  return `${path}.old`;
}

/**
 * Keeps a chatty guest from filling the disk. QEMU appends, so after the cut it goes on at the new end; what it
 * writes between the copy and the cut is lost, a few lines at most.
 */
export async function trimConsole(path: string, limit = largestBytes): Promise<void> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (file === undefined) return;
  try {
    const { size } = await file.stat();
    if (size <= limit) return;
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(keptBytes),
      0,
      keptBytes,
      Math.max(0, size - keptBytes),
    );
    await writeFile(olderConsole(path), buffer.subarray(0, bytesRead), { mode: 0o600 });
    await file.truncate(0);
  } finally {
    await file.close();
  }
}
