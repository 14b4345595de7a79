/** An NBD server on a Unix socket: one export a snapshot, each from the copy of it that is being made. */
import { createServer, type Server, type Socket } from 'node:net';
import type { ImageId, SnapshotId } from '../../platform/ids.ts';
import { singleFlight } from '../../platform/single-flight.ts';
import type { VaultContext } from '../context.ts';
import type { OpenSnapshot } from '../read/open-snapshot.ts';
import { holdSnapshot } from '../sessions/hold-snapshot.ts';
import { openSession, type Session } from '../sessions/session.ts';
import { type BlockFetcher, blockFetcher } from './block-fetcher.ts';
import { addBootTrace, readBootTrace } from './boot-trace.ts';
import { type DiskExport, diskExport } from './export.ts';
import { type HydrateProgress, hydrate } from './hydrate.ts';
import { listenPrivately } from './listen-privately.ts';
import { type LocalCopy, openLocalCopy } from './local-copy.ts';
import { serveConnection } from './nbd/connection.ts';
import { replyBuffers } from './nbd/reply-buffers.ts';

export interface ServedSnapshot {
  readonly snapshotId: SnapshotId;
  /** 'nbd+unix:///snap-…?socket=/…': what QEMU takes as a backing file. */
  readonly uri: string;
  /**
   * Settled when the background has done what it may. True: the file is complete, a qcow2 disk of its own, on disk,
   * and may be renamed while it goes on being served.
   */
  readonly complete: Promise<boolean>;
  /** Blocks asked for so far, in the order of their first touch. */
  touched(): readonly number[];
}

export interface ExportOptions {
  /** Where its copy is made; what an earlier process has put there is used. */
  readonly file: string;
  /** The file is complete already. */
  readonly whole?: boolean;
  /** Of the export; the snapshot's id where absent. */
  readonly name?: string;
  /** Its boot trace is fetched first. */
  readonly imageId?: ImageId;
  /** How fast the rest is fetched; 0 fetches only what is asked for. */
  readonly hydrateBytesPerSecond?: number;
  readonly onProgress?: (progress: HydrateProgress) => void;
}

export interface SnapshotServer {
  readonly socketPath: string;
  /** Serves one more; again for a name that is served answers it. */
  add(snapshotId: SnapshotId, options: ExportOptions): Promise<ServedSnapshot>;
  /** Clients that have it open keep what they are asking for until they close. The file stays. */
  remove(name: string): Promise<void>;
  /** Keeps with the image what has been touched so far: call it when a boot has come up. */
  recordBoot(imageId: ImageId, names: readonly string[]): Promise<void>;
  list(): readonly string[];
  close(): Promise<void>;
}

interface Served extends ServedSnapshot {
  readonly disk: DiskExport;
  readonly copy: LocalCopy;
  readonly session: Session;
  readonly stop: AbortController;
}

export async function serveSnapshots(vault: VaultContext, socketPath: string): Promise<SnapshotServer> {
  const served = new Map<string, Served>();
  const sockets = new Set<Socket>();
  const starting = singleFlight();
  const fetcher: BlockFetcher = blockFetcher(vault);
  const find = (name: string): DiskExport | undefined => {
    const only = served.size === 1 ? [...served.values()][0] : undefined;
    return (served.get(name) ?? (name === '' ? only : undefined))?.disk;
  };
  const buffers = replyBuffers();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serveConnection(socket, find, () => [...served.keys()], vault.log, buffers);
  });
  const listening = await listenPrivately(server, socketPath);

  async function start(name: string, snapshotId: SnapshotId, options: ExportOptions): Promise<Served> {
    const session = await openSession(vault, { kind: 'serve' });
    try {
      const snapshot = await holdSnapshot(vault, session, snapshotId);
      const { file, whole = false } = options;
      const copy = await openLocalCopy(file, snapshot, { whole });
      const disk = diskExport(name, snapshot, copy, fetcher, vault.log);
      const stop = new AbortController();
      const complete = whole ? Promise.resolve(true) : copyAll(snapshot, copy, options, stop.signal);
      const uri = `nbd+unix:///${name}?socket=${encodeURIComponent(socketPath).replaceAll('%2F', '/')}`;
      return { snapshotId, uri, complete, touched: disk.touched, disk, copy, session, stop };
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async function startOnce(name: string, snapshotId: SnapshotId, options: ExportOptions): Promise<Served> {
    const one = await start(name, snapshotId, options);
    // Who waits for it is told; it is logged for who does not.
    one.complete.catch((error: unknown) =>
      vault.log.warn({ error, snapshotId }, 'vault snapshot could not be copied'),
    );
    served.set(name, one);
    return one;
  }

  async function copyAll(
    snapshot: OpenSnapshot,
    copy: LocalCopy,
    { imageId, hydrateBytesPerSecond = 0, onProgress }: ExportOptions,
    signal: AbortSignal,
  ): Promise<boolean> {
    const trace = imageId === undefined ? undefined : await readBootTrace(vault, imageId);
    const first = trace?.snapshots[snapshot.manifest.snapshotId]?.blocks.map(({ block }) => block) ?? [];
    const all = await hydrate({
      snapshot,
      copy,
      fetcher,
      first,
      bytesPerSecond: hydrateBytesPerSecond,
      signal,
      log: vault.log,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    if (all) await copy.finish();
    return all;
  }

  async function remove(name: string): Promise<void> {
    const one = served.get(name);
    served.delete(name);
    one?.stop.abort();
    await one?.complete.catch(() => undefined);
    await one?.copy.close();
    await one?.session.close();
  }

  return {
    socketPath,
    async add(snapshotId, options) {
      const name = options.name ?? snapshotId;
      const known = served.get(name);
      if (known !== undefined) return known;
      return await starting.run(name, () => startOnce(name, snapshotId, options));
    },
    remove,
    async recordBoot(imageId, names) {
      const touched = names.flatMap((name) => {
        const one = served.get(name);
        return one === undefined ? [] : [[one.snapshotId, one.touched()] as const];
      });
      await addBootTrace(vault, imageId, new Map(touched));
    },
    list: () => [...served.keys()],
    async close() {
      for (const socket of sockets) socket.destroy();
      await listening.close();
      for (const name of [...served.keys()]) await remove(name);
    },
  };
}
