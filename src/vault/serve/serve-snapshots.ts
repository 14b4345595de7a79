/** An NBD server on a Unix socket: one export a snapshot, named by its id, all from one cache. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { ImageId, SnapshotId } from '../../platform/ids.ts';
import type { VaultContext } from '../context.ts';
import type { OpenSnapshot } from '../read/open-snapshot.ts';
import { holdSnapshot } from '../sessions/hold-snapshot.ts';
import { openSession, type Session } from '../sessions/session.ts';
import type { BlockCache } from './block-cache.ts';
import { type BlockFetcher, blockFetcher } from './block-fetcher.ts';
import { addBootTrace, readBootTrace } from './boot-trace.ts';
import { type DiskExport, diskExport } from './export.ts';
import { type HydrateProgress, hydrate } from './hydrate.ts';
import { serveConnection } from './nbd/connection.ts';

export interface ServedSnapshot {
  readonly snapshotId: SnapshotId;
  /** 'nbd+unix:///snap-…?socket=/…': what QEMU takes as a backing file. */
  readonly uri: string;
  /** Settled when the background has done what it may: the trace, and the rest where the rate is not 0. */
  readonly hydrated: Promise<HydrateProgress>;
  /** Blocks asked for so far, in the order of their first touch. */
  touched(): readonly number[];
}

export interface ExportOptions {
  /** Its boot trace is fetched first. */
  readonly imageId?: ImageId;
  /** How fast the rest is fetched; 0 fetches only what is asked for. */
  readonly hydrateBytesPerSecond?: number;
  readonly onProgress?: (progress: HydrateProgress) => void;
}

export interface SnapshotServer {
  readonly socketPath: string;
  /** Serves one more; again for one that is served answers it. */
  add(snapshotId: SnapshotId, options?: ExportOptions): Promise<ServedSnapshot>;
  /** Clients that have it open keep what they are asking for until they close. */
  remove(snapshotId: SnapshotId): Promise<void>;
  /** Keeps with the image what has been touched so far: call it when a boot has come up. */
  recordBoot(imageId: ImageId, snapshotIds: readonly SnapshotId[]): Promise<void>;
  list(): readonly SnapshotId[];
  close(): Promise<void>;
}

interface Served extends ServedSnapshot {
  readonly disk: DiskExport;
  readonly session: Session;
  readonly stop: AbortController;
}

export async function serveSnapshots(
  vault: VaultContext,
  cache: BlockCache,
  socketPath: string,
): Promise<SnapshotServer> {
  const served = new Map<string, Served>();
  const sockets = new Set<Socket>();
  const fetcher: BlockFetcher = blockFetcher(vault, cache);
  const find = (name: string): DiskExport | undefined => {
    const only = served.size === 1 ? [...served.values()][0] : undefined;
    return (served.get(name) ?? (name === '' ? only : undefined))?.disk;
  };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, find, () => [...served.keys()], vault.log);
  });
  await listen(server, socketPath);

  async function start(snapshotId: SnapshotId, options: ExportOptions): Promise<Served> {
    const session = await openSession(vault, { kind: 'serve' });
    try {
      const snapshot = await holdSnapshot(vault, session, snapshotId);
      const disk = diskExport(snapshot, cache, fetcher);
      const stop = new AbortController();
      const hydrated = inBackground(snapshot, options, stop.signal);
      const uri = `nbd+unix:///${snapshotId}?socket=${encodeURIComponent(socketPath).replaceAll('%2F', '/')}`;
      return { snapshotId, uri, hydrated, touched: disk.touched, disk, session, stop };
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async function inBackground(
    snapshot: OpenSnapshot,
    { imageId, hydrateBytesPerSecond = 0, onProgress }: ExportOptions,
    signal: AbortSignal,
  ): Promise<HydrateProgress> {
    const trace = imageId === undefined ? undefined : await readBootTrace(vault, imageId);
    const first = trace?.snapshots[snapshot.manifest.snapshotId]?.blocks.map(({ block }) => block) ?? [];
    const progress = onProgress === undefined ? {} : { onProgress };
    return await hydrate({
      snapshot,
      cache,
      fetcher,
      first,
      bytesPerSecond: hydrateBytesPerSecond,
      signal,
      ...progress,
    });
  }

  async function remove(snapshotId: SnapshotId): Promise<void> {
    const one = served.get(snapshotId);
    served.delete(snapshotId);
    one?.stop.abort();
    await one?.hydrated.catch(() => undefined);
    await one?.session.close();
  }

  return {
    socketPath,
    async add(snapshotId, options = {}) {
      const known = served.get(snapshotId);
      if (known !== undefined) return known;
      const one = await start(snapshotId, options);
      // A block that can't be fetched in the background is told when a guest asks for it.
      one.hydrated.catch((error: unknown) =>
        vault.log.warn({ error, snapshotId }, 'vault hydration stopped'),
      );
      served.set(snapshotId, one);
      return one;
    },
    remove,
    async recordBoot(imageId, snapshotIds) {
      const touched = snapshotIds.map((id) => [id, served.get(id)?.touched() ?? []] as const);
      await addBootTrace(vault, imageId, new Map(touched));
    },
    list: () => [...served.keys()] as SnapshotId[],
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      for (const snapshotId of [...served.keys()]) await remove(snapshotId as SnapshotId);
    },
  };
}

/** Only this user may connect: the socket is made in a folder of its own mode, then closed to others itself. */
async function listen(server: Server, socketPath: string): Promise<void> {
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });
  await rm(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  await chmod(socketPath, 0o600);
}
