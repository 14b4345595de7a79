import { chmod, mkdir, open, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { basename, dirname } from 'node:path';

/** The kernel's limit for a socket's path, with its closing zero. */
const pathLimitBytes = 107;

/**
 * Only this user may connect: the socket is made in a folder of its own mode, then closed to others itself. A folder
 * that lies too deep is reached through its open handle.
 */
export async function listenPrivately(
  server: Server,
  socketPath: string,
): Promise<{ close(): Promise<void> }> {
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
  await rm(socketPath, { force: true });
  const folder = await open(dirname(socketPath), 'r');
  const short = Buffer.byteLength(socketPath) <= pathLimitBytes;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(short ? socketPath : `/proc/self/fd/${folder.fd}/${basename(socketPath)}`, resolve);
    });
    await chmod(socketPath, 0o600);
  } catch (error) {
    await folder.close();
    throw error;
  }
  return {
    async close() {
      // Closing removes the socket's file, by the path that it was made with.
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await folder.close();
    },
  };
}
