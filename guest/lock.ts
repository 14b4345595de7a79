import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Holds an exclusive lock on a file while `work` runs; waits for whoever holds it.
 *
 * flock(1) does it in a child that lives as long as its standard input: when this process dies, however it dies,
 * the pipe closes, the child ends and the kernel frees the lock. So there is no stale lock to recognise.
 */
export async function withLock<T>(
  file: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const holder = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo held; exec cat > /dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    signal,
  });
  const ended = once(holder, 'exit');
  // An abort while waiting rejects `held`; afterwards `work` sees the signal itself.
  ended.catch(() => undefined);
  const held = once(holder.stdout, 'data');
  held.catch(() => undefined);
  try {
    await Promise.race([held, ended.then(() => Promise.reject(new Error(`flock could not lock ${file}`)))]);
    return await work();
  } finally {
    holder.stdin.end();
    await ended.catch(() => undefined);
  }
}
