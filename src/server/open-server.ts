/** The composition root: reads nothing but its configuration, wires every part, and takes it down in reverse. */
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { apiApp } from '../api/app.ts';
import { openRecords } from '../api/records.ts';
import { type CloudOptions, openCloud } from '../cloud/open-cloud.ts';
import { operationNames } from '../cloud/operations.ts';
import { byPath } from '../ec2/by-path.ts';
import { createEbsGateway } from '../ec2/ebs/gateway.ts';
import { createGateway } from '../ec2/gateway.ts';
import { type FactoryOptions, openFactory } from '../factory/open-factory.ts';
import type { Config } from '../platform/config.ts';
import type { InstanceId } from '../platform/ids.ts';
import { createLog, type Log } from '../platform/log.ts';
import { packageFacts } from '../platform/package-facts.ts';
import { adminApp } from './admin-app.ts';
import { type Closers, opening } from './closers.ts';
import { ebsOverBus, serveEbs } from './ebs-over-bus.ts';
import { factorySettings } from './factory-settings.ts';
import { lockHome } from './home-lock.ts';
import { listen } from './listen.ts';
import { openBus } from './open-bus.ts';
import { operationsOverBus, serveOperations } from './operations-over-bus.ts';
import { offerNode, openOwnNode, type ReachedNode, reachNode } from './reach-node.ts';
import { openSecrets } from './secrets.ts';
import { removeServerRecord, writeServerRecord } from './server-record.ts';

export interface RunningServer {
  readonly url: string;
  /** Answers what was asked and lets go of everything. Machines run on. */
  close(): Promise<void>;
}

export interface ServerParts {
  readonly log?: Log;
  /** In place of QEMU, for tests. The caller closes it. */
  readonly node?: ReachedNode;
  /** Another way to open the database; tests break its writes. */
  readonly openDatabase?: NonNullable<CloudOptions['openDatabase']>;
  /** Other parts of the factory: machines that only seem to be there have nobody who answers SSH. */
  readonly factory?: Pick<FactoryOptions, 'connect' | 'openDatabase' | 'bootPatienceMs' | 'checkPatienceMs'>;
}

const drainMs = 5000;

/** Serves a home. Throws, with nothing left open, if a part can't start. */
export async function openServer(config: Config, parts: ServerParts = {}): Promise<RunningServer> {
  return await opening((closers) => start(config, parts, closers));
}

async function start(
  config: Config,
  parts: ServerParts,
  closers: Closers,
): Promise<{ readonly url: string }> {
  const { home, regions } = config;
  await mkdir(home, { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  closers.add(lockHome(home));
  const log = parts.log ?? createLog({ level: config.logLevel, file: join(home, 'server.log') });
  const { version } = packageFacts();
  const startedAt = new Date().toISOString();
  const secrets = await openSecrets(home);

  const bus = await openBus(config.bus, log);
  closers.add(() => bus.close());
  if (config.node.kind === 'embedded') {
    const own = parts.node ?? (await openOwnNode(config, log, closers));
    await offerNode(bus, config.node.id, own, closers);
  }
  const node = await reachNode(bus, config.node.id, closers);

  let url: string | undefined;
  const cloud = await openCloud({
    directory: home,
    config: cloudConfig(config),
    nodes: new Map([[config.node.id, node]]),
    log,
    secret: secrets.signingSecret,
    ...(parts.openDatabase === undefined ? {} : { openDatabase: parts.openDatabase }),
    endpoint: () => (url === undefined ? undefined : new URL(url).host),
  });
  closers.add(() => cloud.close());
  await cloud.admin.storeAccessKey({ ...secrets.root, accountId: config.accounts.default, userName: 'root' });
  await cloud.admin.storeAccessKey({ ...secrets.bases, accountId: config.accounts.bases, userName: 'root' });
  closers.add(await serveOperations(bus, cloud.operations));
  closers.add(await serveEbs(bus, cloud.ebs));

  const now = () => new Date();
  const records = await openRecords(home, now);
  closers.add(() => records.close());
  const access = { records, homeToken: secrets.adminToken, now };
  const facts = { version, pid: process.pid, home, startedAt, regions, accountId: config.accounts.default };
  const admin = adminApp({
    door: cloud.admin,
    machine: (instanceId) => node.machine({ instanceId }),
    access,
    facts,
    log,
  });
  const api = Promise.withResolvers<ReturnType<typeof apiApp>>();
  const gates = { keys: cloud.keys, log, regions };
  const listener = await listen({
    address: config.address,
    port: config.port,
    gateway: byPath({
      ec2: createGateway({ ...gates, operations: operationsOverBus(bus, operationNames) }),
      ebs: createEbsGateway({ ...gates, operations: ebsOverBus(bus) }),
    }),
    admin: admin.fetch,
    api: async (request) => (await api.promise).fetch(request),
  });
  url = listener.url;
  closers.add(() => listener.close(drainMs));
  // After the listener: builds that were interrupted go on at once, and they call it.
  const factory = await openFactory({
    home,
    local: {
      endpoint: listener.url,
      credentials: secrets.root,
      regions,
      reach: async (instanceId, at) => {
        const { mappedPorts = [] } = await node.machine({ instanceId: instanceId as InstanceId });
        const mapped = mappedPorts.find(({ guestPort }) => guestPort === at.port);
        return mapped === undefined ? at : { ...at, port: mapped.hostPort };
      },
    },
    ...factorySettings(config),
    log,
    ...(parts.factory ?? {}),
  });
  closers.add(() => factory.close());
  api.resolve(apiApp(factory, { access, version }));
  closers.add(() => removeServerRecord(home));
  await writeServerRecord(home, { pid: process.pid, url: listener.url, version, startedAt });
  log.info({ url: listener.url, version }, 'ready');
  return { url: listener.url };
}

function cloudConfig(config: Config) {
  return {
    regions: config.regions,
    zones: config.zones,
    defaultAccountId: config.accounts.default,
    baseAccountId: config.accounts.bases,
    recycleBinDays: config.recycleBinDays,
    reconcileIntervalMs: config.reconcileIntervalMs,
    stopDeadlineMs: config.stopDeadlineMs,
    durability: config.durability,
    ...(config.layerCacheGiB === undefined ? {} : { layerCacheGiB: config.layerCacheGiB }),
    vaultCollectIntervalHours: config.vaultCollectIntervalHours,
  };
}
