/**
 * Layers that are served from a vault while they are fetched. Each has a record, from before its file is made until
 * no machine depends on the vault for it any more; the next start goes on with all of them, and serves them before it
 * looks for machines, which may be waiting for a block.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LayerId } from '../../../platform/ids.ts';
import type { Log } from '../../../platform/log.ts';
import { removeLocalCopy, type ServedSnapshot, type SnapshotServer } from '../../../vault/vault.ts';
import { type NodeVaults, vaultOf } from '../node-vaults.ts';
import {
  copyPath,
  type FetchRecord,
  readFetchRecords,
  removeFetchRecord,
  writeFetchRecord,
} from './fetch-record.ts';
import { socketName } from './served-backing.ts';

export interface Fetches {
  /** The record is written. Answers once its blocks are served. */
  begin(record: FetchRecord): Promise<void>;
  /** Undefined where nothing depends on a vault for the layer. */
  get(layerId: LayerId): Fetch | undefined;
  all(): readonly Fetch[];
  /** Goes on with what the records say: listens first, then serves each as its vault allows. */
  resume(): Promise<void>;
  /** From now on, what is complete is put in its place. */
  finishAll(): void;
  /** The snapshot is deleted from its vault once the layer has all of it. */
  deleteSnapshotLater(layerId: LayerId): Promise<void>;
  /** The layer is deleted: nobody needs it. */
  drop(layerId: LayerId): Promise<void>;
  close(): Promise<void>;
}

export interface Fetch {
  readonly record: FetchRecord;
  readonly served: ServedSnapshot;
  readonly server: SnapshotServer;
  readonly stop: AbortController;
}

export interface FetchesOptions {
  /** `served/` of the node. */
  readonly folder: string;
  readonly vaults: Pick<NodeVaults, 'byRegion'>;
  readonly log: Log;
  readonly bytesPerSecond?: number;
  /** Whether the layer's file is the whole layer already. */
  readonly isWhole: (layerId: LayerId) => Promise<boolean>;
  /** Whether a running machine has the export open. */
  readonly isReadByMachines: (layerId: LayerId) => Promise<boolean>;
  /** Takes it from there, until nothing depends on the vault; called once the node is open. */
  readonly finish: (fetch: Fetch) => Promise<void>;
  /** Where its file is when it is whole. */
  readonly layerPath: (layerId: LayerId) => string;
}

/** Leaves the store and the disk to the guests. */
const usualBytesPerSecond = 64 << 20;
const retryMs = 5_000;

export function openFetches(options: FetchesOptions): Fetches {
  const { folder, vaults, log } = options;
  const servers = new Map<string, Promise<SnapshotServer>>();
  const fetches = new Map<LayerId, Fetch>();
  const ends = new Set<Promise<void>>();
  const closed = new AbortController();
  let mayFinish = false;

  function serverOf(region: string): Promise<SnapshotServer> {
    const known = servers.get(region);
    if (known !== undefined) return known;
    const started = vaultOf(vaults, region).serve(join(folder, socketName(region)));
    servers.set(region, started);
    return started;
  }

  async function begin(record: FetchRecord): Promise<void> {
    const { layerId, region, snapshotId, imageId } = record;
    const server = await serverOf(region);
    const whole = await options.isWhole(layerId);
    const served = await server.add(snapshotId, {
      name: layerId,
      file: whole ? options.layerPath(layerId) : copyPath(folder, layerId),
      whole,
      hydrateBytesPerSecond: options.bytesPerSecond ?? usualBytesPerSecond,
      ...(imageId === undefined ? {} : { imageId }),
    });
    if (fetches.has(layerId)) return;
    const fetch = { record, served, server, stop: new AbortController() };
    fetches.set(layerId, fetch);
    if (mayFinish) finish(fetch);
  }

  function finish(fetch: Fetch): void {
    const { layerId } = fetch.record;
    const end = options
      .finish(fetch)
      .catch((error: unknown) => log.error({ layerId, err: error }, 'a layer could not be fetched'))
      .finally(() => ends.delete(end));
    ends.add(end);
  }

  /** Killed between the last step and forgetting: the vault may even be gone. */
  async function isSettled({ layerId, deleteSnapshot }: FetchRecord): Promise<boolean> {
    if (!mayFinish || deleteSnapshot === true || !(await options.isWhole(layerId))) return false;
    if (await options.isReadByMachines(layerId)) return false;
    await removeLocalCopy(copyPath(folder, layerId));
    await removeFetchRecord(folder, layerId);
    return true;
  }

  /** A store that does not answer is asked until it does; machines that need it wait meanwhile. */
  async function beginAtLast(record: FetchRecord): Promise<void> {
    while (!closed.signal.aborted) {
      try {
        await begin(record);
        return;
      } catch (error) {
        if (await isSettled(record)) return;
        log.error({ layerId: record.layerId, err: error }, 'a layer is not served yet, and tried again');
        await pause(retryMs, undefined, { signal: closed.signal }).catch(() => undefined);
      }
    }
  }

  return {
    begin,
    get: (layerId) => fetches.get(layerId),
    all: () => [...fetches.values()],
    async resume() {
      const records = await readFetchRecords(folder);
      // Listening is what must come first; a client waits for its export.
      for (const { region } of records) if (vaults.byRegion.has(region)) await serverOf(region);
      for (const record of records) void beginAtLast(record);
    },
    finishAll() {
      mayFinish = true;
      for (const fetch of fetches.values()) finish(fetch);
    },
    async deleteSnapshotLater(layerId) {
      const fetch = fetches.get(layerId);
      if (fetch === undefined) return;
      const record = { ...fetch.record, deleteSnapshot: true };
      fetches.set(layerId, { ...fetch, record });
      await writeFetchRecord(folder, record);
    },
    async drop(layerId) {
      const fetch = fetches.get(layerId);
      if (fetch === undefined) return;
      fetches.delete(layerId);
      fetch.stop.abort();
      await fetch.server.remove(layerId);
      await removeLocalCopy(copyPath(folder, layerId));
      await removeFetchRecord(folder, layerId);
    },
    async close() {
      closed.abort();
      for (const { stop } of fetches.values()) stop.abort();
      for (const server of servers.values()) await (await server).close();
      await Promise.all(ends);
    },
  };
}
