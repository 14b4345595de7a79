/**
 * The vault of one region: snapshots in their durable, portable form. This file is what the rest of Ingot sees of it.
 * How it is stored: docs/reference/vault-format.md. Failures are `VaultError`s with a kind.
 */
import { availableParallelism } from 'node:os';
import type { ImageId, SnapshotId } from '../platform/ids.ts';
import type { Log } from '../platform/log.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import { type CollectRequest, type CollectResult, collect } from './collect/collect.ts';
import { type RepairResult, repairVault } from './collect/repair-vault.ts';
import { type Harm, type VerifyReport, type VerifyRequest, verifyVault } from './collect/verify-vault.ts';
import { defaultLeaseMs, type VaultContext } from './context.ts';
import { type CopyProgress, type CopyResult, copySnapshot } from './copy/copy-snapshot.ts';
import type { Digest } from './format/digest.ts';
import { type Geometry, standardGeometry } from './format/geometry.ts';
import { imageKeep } from './images/image-config.ts';
import type { BlockSource } from './ingest/block-source.ts';
import {
  type IngestProgress,
  type IngestRequest,
  type IngestResult,
  ingestSnapshot,
} from './ingest/ingest-snapshot.ts';
import { type BlockEntry, type ChangedBlock, listBlocks, listChangedBlocks } from './read/list-blocks.ts';
import { listSnapshots } from './read/list-snapshots.ts';
import { measure, type VaultMeasure } from './read/measure.ts';
import { openSnapshot } from './read/open-snapshot.ts';
import { openedSnapshots } from './read/opened-snapshots.ts';
import { readMetadata, type SnapshotMetadata } from './read/read-metadata.ts';
import { type RestoreRequest, restoreSnapshot } from './read/restore-snapshot.ts';
import { snapshotSource } from './read/snapshot-source.ts';
import {
  type ExportOptions,
  type ServedSnapshot,
  type SnapshotServer,
  serveSnapshots,
} from './serve/serve-snapshots.ts';
import { blockWorkers } from './work/block-workers.ts';
import {
  type BlockWriter,
  type BlockWriterRequest,
  resumeBlockWriter,
  startBlockWriter,
} from './write/block-writer.ts';
import { removeSnapshot, type SnapshotDetails } from './write/manifest-builder.ts';

export { directoryStore } from './blobs/directory-store.ts';
export { isVaultError, VaultError, type VaultErrorKind } from './errors.ts';
export { openQcow2Source, type Qcow2SourceOptions } from './ingest/qcow2-source.ts';
export { openRawSource } from './ingest/raw-source.ts';
export { removeLocalCopy } from './serve/local-copy.ts';
export type {
  BlobStore,
  BlockEntry,
  BlockSource,
  BlockWriter,
  BlockWriterRequest,
  ChangedBlock,
  CollectRequest,
  CollectResult,
  CopyProgress,
  CopyResult,
  Digest,
  ExportOptions,
  Harm,
  IngestProgress,
  IngestRequest,
  IngestResult,
  RepairResult,
  RestoreRequest,
  ServedSnapshot,
  SnapshotDetails,
  SnapshotMetadata,
  SnapshotServer,
  VaultMeasure,
  VerifyReport,
  VerifyRequest,
};

export interface VaultOptions {
  /** `directoryStore(path)`, or `s3Store(options)` of blobs/s3-store.ts, which loads the AWS SDK. The vault closes it. */
  readonly store: BlobStore;
  readonly regionName: string;
  readonly log: Log;
  /** Threads that compress; the machine's cores where absent. 0 works in the calling thread. */
  readonly threads?: number;
  /** A session that was silent for this long is over. */
  readonly leaseMs?: number;
  /** Only tests change it. */
  readonly geometry?: Geometry;
}

export interface CopyTo {
  readonly snapshotId: SnapshotId;
  readonly to: Vault;
  /** Its name there. */
  readonly copyId: SnapshotId;
  readonly details?: SnapshotDetails;
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly signal?: AbortSignal;
}

export interface RepairFrom {
  readonly report: VerifyReport;
  readonly vaults?: readonly Vault[];
  /** Disks with exactly the content of a snapshot, such as its layer. */
  readonly sources?: ReadonlyMap<SnapshotId, BlockSource>;
}

export interface Vault {
  readonly regionName: string;
  /** Of every block: 512 KiB. */
  readonly blockBytes: number;
  /** For the operations that join two vaults; nobody else looks in. */
  readonly context: VaultContext;

  /** A frozen disk becomes a snapshot. Idempotent by id; continues what was interrupted. */
  ingestSnapshot(request: IngestRequest): Promise<IngestResult>;
  /** A snapshot written block by block; `resume` goes on with it in another process. */
  startBlockWriter(request: BlockWriterRequest): Promise<BlockWriter>;
  resumeBlockWriter(snapshotId: SnapshotId): Promise<BlockWriter>;

  /** Undefined where the vault has no such complete snapshot. */
  metadata(snapshotId: SnapshotId): Promise<SnapshotMetadata | undefined>;
  listSnapshots(): Promise<readonly SnapshotId[]>;
  measure(): Promise<VaultMeasure>;
  listBlocks(snapshotId: SnapshotId, startingBlock?: number): AsyncIterable<BlockEntry>;
  /** Blocks that differ, in order. */
  listChangedBlocks(
    before: SnapshotId,
    after: SnapshotId,
    startingBlock?: number,
  ): AsyncIterable<ChangedBlock>;
  /** Undefined where the block is all zeros. Checked. */
  getBlock(snapshotId: SnapshotId, index: number): Promise<Buffer | undefined>;
  /** The snapshot as a disk, for what stands on it or reads it back. */
  openSource(snapshotId: SnapshotId): Promise<BlockSource>;
  /** Into a new sparse raw file. */
  restoreSnapshot(request: RestoreRequest): Promise<void>;
  /** Idempotent. Its blocks go with the next collection, where nobody else has them. */
  deleteSnapshot(snapshotId: SnapshotId): Promise<void>;

  putImageConfig(imageId: ImageId, config: Readonly<Record<string, unknown>>): Promise<void>;
  imageConfig(imageId: ImageId): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** The config and the boot trace. Idempotent. */
  deleteImage(imageId: ImageId): Promise<void>;

  /** An NBD server on a Unix socket; add snapshots to it. */
  serve(socketPath: string): Promise<SnapshotServer>;

  copySnapshot(request: CopyTo): Promise<CopyResult>;
  collect(request?: CollectRequest): Promise<CollectResult>;
  verify(request?: VerifyRequest): Promise<VerifyReport>;
  repair(request: RepairFrom): Promise<RepairResult>;

  close(): Promise<void>;
}

export function openVault(options: VaultOptions): Vault {
  const context = contextOf(options);
  const { store, geometry } = context;
  const images = imageKeep(store);
  const opened = openedSnapshots(context);
  return {
    context,
    regionName: options.regionName,
    blockBytes: geometry.blockBytes,
    ingestSnapshot: (request) => ingestSnapshot({ ...request, vault: context }),
    startBlockWriter: (request) => startBlockWriter({ ...request, vault: context }),
    resumeBlockWriter: (snapshotId) => resumeBlockWriter({ vault: context, snapshotId }),
    metadata: (snapshotId) => readMetadata(context, snapshotId),
    listSnapshots: () => listSnapshots(context),
    measure: () => measure(context),
    async *listBlocks(snapshotId, startingBlock) {
      yield* listBlocks(await opened.open(snapshotId), startingBlock);
    },
    async *listChangedBlocks(before, after, startingBlock) {
      yield* listChangedBlocks(
        await openSnapshot(context, before),
        await openSnapshot(context, after),
        startingBlock,
      );
    },
    getBlock: async (snapshotId, index) => await (await opened.open(snapshotId)).readBlock(index),
    openSource: async (snapshotId) => snapshotSource(await openSnapshot(context, snapshotId)),
    restoreSnapshot: (request) => restoreSnapshot({ ...request, vault: context }),
    deleteSnapshot: (snapshotId) => removeSnapshot(context, snapshotId),
    putImageConfig: images.put,
    imageConfig: images.get,
    deleteImage: images.delete,
    serve: (socketPath) => serveSnapshots(context, socketPath),
    copySnapshot: ({ to, ...request }) => copySnapshot({ ...request, from: context, to: to.context }),
    collect: (request = {}) => collect({ ...request, vault: context }),
    verify: (request = {}) => verifyVault({ ...request, vault: context }),
    repair: ({ report, vaults = [], sources }) =>
      repairVault({
        vault: context,
        report,
        vaults: vaults.map((other) => other.context),
        ...(sources ? { sources } : {}),
      }),
    async close() {
      await context.background.close();
      await context.foreground.close();
      await store.close();
    },
  };
}

function contextOf(options: VaultOptions): VaultContext {
  const geometry = options.geometry ?? standardGeometry;
  const threads = options.threads ?? availableParallelism();
  // 32 slots of a block and its chunk are 33 MiB: enough on their way to keep two threads and a disk busy.
  const crew = (niceness: number) => blockWorkers({ geometry, threads, slots: 32, niceness });
  return {
    regionName: options.regionName,
    store: options.store,
    geometry,
    log: options.log,
    background: crew(15),
    foreground: crew(0),
    leaseMs: options.leaseMs ?? defaultLeaseMs,
  };
}
