import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';

/** The kernel's limit for a socket's path, with its closing zero. */
const pathLimitBytes = 107;

/** Connects to a socket file however deep its folder lies: a long path is reached through an open directory. */
export async function connectUnix(path: string): Promise<Socket> {
  if (Buffer.byteLength(path) <= pathLimitBytes) return connected(connect(path));
  const directory = await open(dirname(path), 'r');
  try {
    return await connected(connect(`/proc/self/fd/${directory.fd}/${basename(path)}`));
  } finally {
    await directory.close();
  }
}

async function connected(socket: Socket): Promise<Socket> {
  await once(socket, 'connect');
  return socket;
}
