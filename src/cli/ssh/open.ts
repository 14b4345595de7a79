/** A verified SSH connection to a machine, tried again while it boots. */
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type Client } from 'ssh2';
import { CliError, exitCodes } from '../errors.ts';
import { say } from '../output.ts';
import { homeKey, type SshKey } from './key.ts';
import { fingerprint, type KnownHosts, knownHostsFile, readKnownHosts } from './known-hosts.ts';
import type { SshTarget } from './target.ts';

const handshakeMs = 20_000;
const retryMs = 100;
/**
 * QEMU's network takes a connection before the guest can, and then tries the guest ever more seldom; so one on
 * which SSH doesn't show itself soon is dropped for a new one.
 */
const greetingMs = 1500;

export interface OpenOptions {
  readonly home: string;
  /** How long a machine that doesn't answer yet is given. */
  readonly patienceMs: number;
  readonly onAttempt?: (problem: string) => void;
  /** In place of the home's. */
  readonly key?: SshKey;
}

/** The caller ends the connection. */
export async function openSsh(target: SshTarget, options: OpenOptions): Promise<Client> {
  const [key, hosts] = await Promise.all([
    options.key ?? homeKey(options.home),
    readKnownHosts(options.home),
  ]);
  const deadline = Date.now() + options.patienceMs;
  for (;;) {
    try {
      return await connect(target, key, hosts, options.home);
    } catch (error) {
      if (error instanceof CliError) throw error;
      const problem = (error as Error).message;
      options.onAttempt?.(problem);
      if (Date.now() + retryMs > deadline) throw unreachable(target, options.patienceMs, error as Error);
      await delay(retryMs);
    }
  }
}

async function connect(target: SshTarget, key: SshKey, hosts: KnownHosts, home: string): Promise<Client> {
  const sock = await greetedSocket(target);
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let seen: Buffer | undefined;
  client
    .once('ready', resolve)
    .once('error', reject)
    .once('close', () => reject(new Error('connection closed')));
  client.connect({
    sock,
    username: target.user,
    privateKey: key.privateKey,
    readyTimeout: handshakeMs,
    keepaliveInterval: 15_000,
    hostVerifier: (hostKey: Buffer) => {
      seen = hostKey;
      return hosts.check(target.instanceId, hostKey) !== 'changed';
    },
  });
  try {
    await promise;
  } catch (error) {
    client.on('error', () => undefined).end();
    if (seen !== undefined && hosts.check(target.instanceId, seen) === 'changed') {
      throw changedHost(target, seen, home);
    }
    if ((error as { readonly level?: string }).level === 'client-authentication') throw refused(target, key);
    throw error;
  }
  // A connection that breaks later ends its channels, which say so to whoever uses them.
  client.on('error', (error) => say(`The connection to ${target.instanceId} broke: ${error.message}`));
  if (seen !== undefined && hosts.check(target.instanceId, seen) === 'new')
    await hosts.pin(target.instanceId, seen);
  return client;
}

/** A connection on which the far end has spoken; nothing of it is read yet. */
async function greetedSocket({ host, port }: SshTarget): Promise<Socket> {
  const socket = connectTcp({ host, port });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('no greeting yet')), greetingMs);
  socket.once('error', reject).once('readable', () => {
    if (socket.readableLength > 0) resolve();
    else reject(new Error('connection closed'));
  });
  try {
    await promise;
    socket.off('error', reject);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function changedHost({ instanceId }: SshTarget, hostKey: Buffer, home: string): CliError {
  return new CliError(
    `${instanceId} shows another host key than before (${fingerprint(hostKey)}), so something else may be ` +
      `answering. If the machine itself changed its key, remove its line from ${knownHostsFile(home)}`,
    { exitCode: exitCodes.noConnection },
  );
}

function refused({ instanceId, user }: SshTarget, { file }: SshKey): CliError {
  return new CliError(
    `${instanceId} refuses the key ${file} for the user '${user}'. Another user: --user NAME. An instance that ` +
      'was not launched with `ingot launch` may not hold this key',
    { exitCode: exitCodes.noConnection },
  );
}

function unreachable({ instanceId, host, port }: SshTarget, patienceMs: number, cause: Error): CliError {
  return new CliError(
    `${instanceId} did not answer SSH at ${host} port ${port} within ${patienceMs / 1000} s (${cause.message}). ` +
      `What it is doing: ingot console ${instanceId}`,
    { cause, exitCode: exitCodes.noConnection },
  );
}
