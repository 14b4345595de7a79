/** The shell over SSH. ssh2 is loaded at the first connection: a server that builds nothing has no need of it. */
import { connect as connectTcp, type Socket } from 'node:net';
import type { Client, ClientChannel } from 'ssh2';
import {
  ConnectionLost,
  type ExecOptions,
  type ExecResult,
  type RemoteShell,
  type ShellAddress,
  ShellProblem,
} from './remote-shell.ts';

const usualGreetingMs = 2_000;
const handshakeMs = 60_000;
const keepaliveMs = 10_000;

export async function connectShell(address: ShellAddress, signal: AbortSignal): Promise<RemoteShell> {
  const sock = await greetedSocket(address, signal);
  const { default: ssh2 } = await import('ssh2');
  const client = new ssh2.Client();
  const ready = Promise.withResolvers<void>();
  let seen = '';
  client.once('ready', ready.resolve).once('error', ready.reject);
  client.once('close', () => ready.reject(new Error('the connection closed')));
  const aborted = () => ready.reject(signal.reason);
  signal.addEventListener('abort', aborted, { once: true });
  client.connect({
    sock,
    username: address.user,
    privateKey: address.privateKey,
    readyTimeout: handshakeMs,
    keepaliveInterval: keepaliveMs,
    hostVerifier: (key: Buffer) => {
      seen = key.toString('base64');
      return address.hostKey === undefined || address.hostKey === seen;
    },
  });
  try {
    await ready.promise;
  } catch (error) {
    client.on('error', () => undefined).end();
    signal.throwIfAborted();
    throw loginProblem(address, seen, error as Error);
  } finally {
    signal.removeEventListener('abort', aborted);
  }
  // A connection that breaks later closes its channels, which say so to whoever uses them.
  let isOpen = true;
  client
    .on('error', () => undefined)
    .once('close', () => {
      isOpen = false;
    });
  return {
    hostKey: seen,
    get isOpen() {
      return isOpen;
    },
    exec: (command, options) => exec(client, command, options),
    close: () => client.end(),
  };
}

function loginProblem({ user, hostKey }: ShellAddress, seen: string, cause: Error): ShellProblem {
  if (hostKey !== undefined && seen !== '' && seen !== hostKey) {
    const message = 'the machine shows another host key than before: something else may be answering';
    return new ShellProblem('host-key', message, { cause });
  }
  const refused = (cause as { readonly level?: string }).level === 'client-authentication';
  const message = refused ? `the user '${user}' is refused with this key` : cause.message;
  return new ShellProblem('login', message, { cause });
}

/**
 * A connection on which the far end has spoken; nothing of it is read yet. A machine's network can take one before
 * its SSH server runs: one that stays silent is dropped for a new one.
 */
async function greetedSocket(address: ShellAddress, signal: AbortSignal): Promise<Socket> {
  const { host, port, greetingMs = usualGreetingMs } = address;
  const socket = connectTcp({ host, port });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let check: 'port' | 'greeting' = 'port';
  const timer = setTimeout(
    () => reject(new Error(`nothing answers within ${greetingMs / 1000} s`)),
    greetingMs,
  );
  const aborted = () => reject(signal.reason);
  signal.addEventListener('abort', aborted, { once: true });
  socket.once('connect', () => {
    check = 'greeting';
  });
  socket.once('error', reject).once('readable', () => {
    if (socket.readableLength > 0) resolve();
    else reject(new Error('the connection closed'));
  });
  try {
    await promise;
    socket.off('error', reject);
    return socket;
  } catch (cause) {
    socket.destroy();
    signal.throwIfAborted();
    throw new ShellProblem(check, `${host} port ${port}: ${(cause as Error).message}`, { cause });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', aborted);
  }
}

async function exec(client: Client, command: string, options: ExecOptions = {}): Promise<ExecResult> {
  const { input, onOutput, signal } = options;
  signal?.throwIfAborted();
  const { channel, ended } = await opened(client, command);
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  channel.on('data', onOutput ?? ((chunk: Buffer) => stdout.push(chunk)));
  channel.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  void ended.then((status) => {
    if (status === undefined) reject(new ConnectionLost('the connection was lost before the command ended'));
    else resolve(status);
  });
  const aborted = () => {
    reject(signal?.reason);
    channel.close();
  };
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    const sent = send(channel, input);
    sent.catch(reject);
    const code = await promise;
    return {
      status: code,
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
    };
  } finally {
    signal?.removeEventListener('abort', aborted);
  }
}

interface Opened {
  readonly channel: ClientChannel;
  /** The exit status; undefined where none came. */
  readonly ended: Promise<number | undefined>;
}

/** Listens from the very start: a short command's exit may come in the packet that opens its channel. */
async function opened(client: Client, command: string): Promise<Opened> {
  const { promise, resolve, reject } = Promise.withResolvers<Opened>();
  const lost = () => reject(new ConnectionLost('the connection was lost'));
  client.once('close', lost);
  try {
    client.exec(command, (error, channel) =>
      error === undefined ? resolve({ channel, ended: endOf(channel) }) : reject(error),
    );
    return await promise;
  } catch (cause) {
    if (cause instanceof ConnectionLost) throw cause;
    throw new ConnectionLost((cause as Error).message, { cause });
  } finally {
    client.off('close', lost);
  }
}

async function endOf(channel: ClientChannel): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  let status: number | undefined;
  channel.on('exit', (code: number | null) => {
    status = code ?? 128;
  });
  channel.on('close', () => resolve(status));
  return await promise;
}

async function send(channel: ClientChannel, input: ExecOptions['input']): Promise<void> {
  if (typeof input === 'string' || input instanceof Uint8Array) return void channel.end(input);
  for await (const chunk of input ?? []) {
    if (!channel.write(chunk)) await drained(channel);
  }
  channel.end();
}

async function drained(channel: ClientChannel): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  channel.once('drain', resolve).once('close', resolve);
  await promise;
}
