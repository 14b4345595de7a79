/**
 * One server a home. The lock is SQLite's own on a file, which is the kernel's: it ends with the process that
 * holds it, however that ends, so that no file left behind ever has to be judged stale.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Returns what lets go of it. Throws at once if another process holds it. */
export function lockHome(home: string): () => void {
  const file = join(home, 'server.lock');
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive');
  } catch (cause) {
    database.close();
    throw new Error(`Another Ingot server runs on ${home}; ingot status shows it, ingot down ends it`, {
      cause,
    });
  }
  return () => database.close();
}
