import { createConnection } from 'node:net';

const connectMs = 10_000;
/** Who forwards a port takes the connection first, and ends it when the machine refuses. */
const holdMs = 2_000;

/** Undefined where the port takes a connection and keeps it. */
export async function askTcp(
  { host, port }: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = createConnection({ host, port, signal });
  let held: NodeJS.Timeout | undefined;
  const late = setTimeout(() => resolve(`nothing within ${connectMs / 1000} s`), connectMs);
  socket.once('connect', () => {
    clearTimeout(late);
    held = setTimeout(() => resolve(undefined), holdMs);
  });
  socket.once('data', () => resolve(undefined));
  socket.once('error', (error) => resolve(error.message));
  socket.once('close', () => resolve('the connection is ended at once'));
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    clearTimeout(held);
    socket.destroy();
    signal.throwIfAborted();
  }
}
