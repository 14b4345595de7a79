/** The composition root: reads nothing but its configuration, wires every part, and takes it down in reverse. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openCloud } from '../cloud/open-cloud.ts';
import { operationNames } from '../cloud/operations.ts';
import { createGateway } from '../ec2/gateway.ts';
import type { NodeContract, NodeEvents } from '../node/contract.ts';
import { openNode } from '../node/node.ts';
import type { Bus } from '../platform/bus/bus.ts';
import { inProcessBus } from '../platform/bus/in-process.ts';
import { connectNats } from '../platform/bus/nats.ts';
import type { Config } from '../platform/config.ts';
import { createLog, type Log } from '../platform/log.ts';
import { packageFacts } from '../platform/package-facts.ts';
import { adminApp } from './admin-app.ts';
import { lockHome } from './home-lock.ts';
import { listen } from './listen.ts';
import { operationsOverBus, serveOperations } from './operations-over-bus.ts';
import { openSecrets } from './secrets.ts';
import { removeServerRecord, writeServerRecord } from './server-record.ts';
import { wireErrors } from './wire-errors.ts';

export interface RunningServer {
  readonly url: string;
  /** Answers what was asked and lets go of everything. Machines run on. */
  close(): Promise<void>;
}

export interface ServerParts {
  readonly log?: Log;
  /** In place of QEMU, for tests. */
  readonly node?: NodeContract & NodeEvents;
}

const drainMs = 5000;

/** Serves a home. Throws, with nothing left open, if a part can't start. */
export async function openServer(config: Config, parts: ServerParts = {}): Promise<RunningServer> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return { url: await start(config, parts, closers), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(config: Config, parts: ServerParts, closers: (() => unknown)[]): Promise<string> {
  const { home, regions } = config;
  await mkdir(home, { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  closers.push(lockHome(home));
  const log = parts.log ?? createLog({ level: config.logLevel, file: join(home, 'server.log') });
  const { version } = packageFacts();
  const startedAt = new Date().toISOString();
  const secrets = await openSecrets(home);

  const bus = await openBus(config, log);
  closers.push(() => bus.close());

  const node = parts.node ?? (await openEmbedded(config, log, closers));
  const cloud = await openCloud({
    directory: home,
    config: {
      regions,
      zones: config.zones,
      defaultAccountId: config.accounts.default,
      baseAccountId: config.accounts.bases,
      recycleBinDays: config.recycleBinDays,
      reconcileIntervalMs: config.reconcileIntervalMs,
      stopDeadlineMs: config.stopDeadlineMs,
    },
    nodes: new Map([[config.node.id, node]]),
    log,
    secret: secrets.signingSecret,
  });
  closers.push(() => cloud.close());
  await cloud.admin.storeAccessKey({ ...secrets.root, accountId: config.accounts.default, userName: 'root' });
  await cloud.admin.storeAccessKey({ ...secrets.bases, accountId: config.accounts.bases, userName: 'root' });
  closers.push(await serveOperations(bus, cloud.operations));

  const facts = { version, pid: process.pid, home, startedAt, regions, accountId: config.accounts.default };
  const admin = adminApp({ door: cloud.admin, token: secrets.adminToken, facts, log });
  const listener = await listen({
    address: config.address,
    port: config.port,
    gateway: createGateway({
      operations: operationsOverBus(bus, operationNames),
      keys: cloud.keys,
      log,
      regions,
    }),
    admin: admin.fetch,
  });
  closers.push(() => listener.close(drainMs));
  await writeServerRecord(home, { pid: process.pid, url: listener.url, version, startedAt });
  closers.push(() => removeServerRecord(home));
  log.info({ url: listener.url, version }, 'ready');
  return listener.url;
}

export async function openBus(config: Pick<Config, 'bus'>, log: Log): Promise<Bus> {
  switch (config.bus.kind) {
    case 'in-process':
      return inProcessBus();
    case 'nats':
      return await connectNats({
        servers: config.bus.servers,
        errors: wireErrors,
        onError: (error) => log.error({ err: error }, 'A message on the bus could not be handled'),
      });
    default:
      return config.bus satisfies never;
  }
}

async function openEmbedded(config: Config, log: Log, closers: (() => unknown)[]) {
  const { memoryForInstancesMiB, node, home } = config;
  const opened = await openNode({
    nodeId: node.id,
    directory: join(home, 'nodes', node.id),
    log,
    ...(memoryForInstancesMiB === undefined ? {} : { memoryForInstancesMiB }),
  });
  closers.push(() => opened.close());
  return opened;
}
