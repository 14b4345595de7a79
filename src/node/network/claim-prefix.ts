/**
 * Each home takes a free 127.83.N.0/24 of this host's loopback. Claims are abstract Unix sockets: every user
 * of the network namespace sees them, nobody can take a taken name, and the kernel drops them with their
 * process, so there are no stale locks. The server holds `ingot-127.83.N`; each of its VMs holds
 * `ingot-127.83.N/<instance>`, because VMs outlive the server and their addresses stay in use.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { writeDurably } from '../../platform/files.ts';
import { NodeError } from '../contract.ts';
import { isMissing } from '../is-missing.ts';

export interface PrefixClaim {
  /** '127.83.5' */
  readonly prefix: string;
  release(): Promise<void>;
}

const fileVersion = 1;

export function machineClaim(prefix: string, instanceId: string): string {
  return `ingot-${prefix}/${instanceId}`;
}

/**
 * Keeps the prefix that this home had before, above all while its VMs run on it; else takes the first free one
 * from a place that depends on the home, so that homes seldom try the same.
 */
export async function claimPrefix(request: {
  readonly directory: string;
  readonly publicNetwork: string;
  /** The prefix of VMs of this home that still run. */
  readonly inUse: string | undefined;
}): Promise<PrefixClaim> {
  const { directory, publicNetwork, inUse } = request;
  if (inUse !== undefined) {
    const claim = await tryClaim(inUse);
    if (claim !== undefined) return claim;
    throw new NodeError(
      'internal',
      `another Ingot server holds ${inUse}.0/24, on which VMs of ${directory} run`,
    );
  }
  const file = join(directory, 'network.json');
  for (const prefix of candidates(publicNetwork, directory, await rememberedPrefix(file))) {
    const claim = await tryClaim(prefix);
    if (claim === undefined) continue;
    if (!(await hasMachines(prefix))) {
      await writeDurably(file, JSON.stringify({ version: fileVersion, prefix }));
      return claim;
    }
    await claim.release();
  }
  throw new NodeError(
    'no-capacity',
    `all 254 networks of ${publicNetwork}.0.0/16 are taken by other Ingot homes`,
  );
}

function* candidates(network: string, directory: string, remembered: string | undefined): Generator<string> {
  if (remembered?.startsWith(`${network}.`)) yield remembered;
  const start = createHash('sha256').update(directory).digest().readUInt16BE(0);
  for (let step = 0; step < 254; step++) yield `${network}.${((start + step) % 254) + 1}`;
}

async function rememberedPrefix(file: string): Promise<string | undefined> {
  try {
    const { version, prefix } = JSON.parse(await readFile(file, 'utf8')) as {
      version: number;
      prefix: string;
    };
    return version === fileVersion ? prefix : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function tryClaim(prefix: string): Promise<PrefixClaim | undefined> {
  const server = await holdName(`ingot-${prefix}`);
  return server === undefined ? undefined : { prefix, release: () => letGo(server) };
}

async function hasMachines(prefix: string): Promise<boolean> {
  return (await readFile('/proc/net/unix', 'utf8')).includes(` @${machineClaim(prefix, '')}`);
}

/** Undefined where another process holds the name. */
export async function holdName(name: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(`\0${name}`);
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
  server.unref();
  return server;
}

export async function letGo(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
