/**
 * What a node does with the vaults of the regions: it has the layers, so it is where snapshots are stored and where
 * they are served from. Part of the node's contract: plain data, idempotent by the ids, subjects
 * `node.<nodeId>.<command>`.
 *
 * A *transfer* (an ingest, a copy) outlives a request. Asking starts it, or continues what a crash left; asking again
 * while it runs answers how far it is. The cloud asks on its timer until it rests, so a lost answer costs nothing.
 */
import type { ImageId, LayerId, SnapshotId, VolumeId } from '../platform/ids.ts';
import type { LayerStatus } from './contract.ts';

/** What the vault keeps beside the blocks, in `metadata.json`. */
export interface StoredSnapshotDetails {
  readonly volumeId?: VolumeId;
  readonly description?: string;
  /** ISO time of the instant. */
  readonly startedAt?: string;
}

export interface TransferStatus {
  readonly state: 'running' | 'completed' | 'failed';
  /** Real bytes: what was read or moved, of what there is to read or move. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  /** What the target region's store grew by, compressed; once completed. */
  readonly bytesStored?: number;
  /** Of a failure, in words. Asking again tries again. */
  readonly reason?: string;
}

export interface VaultStatus {
  readonly region: string;
  /** 'directory /…' or 's3 https://…/bucket'. */
  readonly store: string;
  readonly snapshots: number;
  readonly blocks: number;
  /** Compressed, in the store. */
  readonly storedBytes: number;
}

/** One damaged or missing block, and what it harms. */
export interface VaultHarm {
  readonly digest: string;
  readonly reason: string;
  readonly snapshots: readonly SnapshotId[];
}

/** Of a verify or a repair: long, so followed by asking again, like a transfer. */
export interface VaultCareStatus {
  readonly state: 'running' | 'completed' | 'failed';
  readonly blocksDone: number;
  readonly blocksTotal: number;
  /** Once completed: what is (still) damaged. */
  readonly harms?: readonly VaultHarm[];
  readonly repairedBlocks?: number;
  readonly reason?: string;
}

export interface VaultContract {
  /** Stores a frozen layer; only what it adds to `parentSnapshotId` is read, where the vault holds that one. */
  ingestSnapshot(request: {
    readonly region: string;
    readonly snapshotId: SnapshotId;
    readonly layerId: LayerId;
    readonly parent?: { readonly snapshotId: SnapshotId; readonly layerId: LayerId };
    readonly details: StoredSnapshotDetails;
  }): Promise<TransferStatus>;
  /** Moves what the target region's vault lacks. */
  copySnapshot(request: {
    readonly fromRegion: string;
    readonly snapshotId: SnapshotId;
    readonly toRegion: string;
    readonly copyId: SnapshotId;
    readonly details: StoredSnapshotDetails;
  }): Promise<TransferStatus>;
  /** Stops it; what it stored is collected later. Nothing to stop is fine. */
  cancelTransfer(request: { readonly region: string; readonly snapshotId: SnapshotId }): Promise<void>;
  /** Stops their transfers and removes them; blocks go with the next collection. */
  deleteStoredSnapshots(request: {
    readonly region: string;
    readonly snapshotIds: readonly SnapshotId[];
  }): Promise<void>;
  listStoredSnapshots(request: { readonly region: string }): Promise<readonly SnapshotId[]>;

  /** `config.json` of an image, as JSON text; undefined text removes it and its boot trace. */
  putStoredImage(request: {
    readonly region: string;
    readonly imageId: ImageId;
    readonly config?: string;
  }): Promise<void>;

  /**
   * Makes a layer that isn't here from the vault. Answers once machines can start on it: blocks are served while the
   * rest is fetched behind them, those that the image's last boot touched first; complete, it is a layer like any
   * other. Answers at once where the layer is here.
   */
  fetchLayer(request: {
    readonly layerId: LayerId;
    readonly region: string;
    readonly snapshotId: SnapshotId;
    readonly imageId?: ImageId;
  }): Promise<LayerStatus>;
  /** Tells that a boot of the image has come up, so that what it touched is fetched first next time. */
  recordBoot(request: { readonly layerId: LayerId; readonly imageId: ImageId }): Promise<void>;

  vaultStatus(request: { readonly region: string }): Promise<VaultStatus>;
  verifyVault(request: { readonly region: string; readonly restart?: boolean }): Promise<VaultCareStatus>;
  /** Bad blocks come from the other regions' vaults and from layers that are here (`sources`). */
  repairVault(request: {
    readonly region: string;
    readonly restart?: boolean;
    readonly sources: readonly { readonly snapshotId: SnapshotId; readonly layerId: LayerId }[];
  }): Promise<VaultCareStatus>;
  collectVault(request: { readonly region: string; readonly dryRun: boolean }): Promise<{
    readonly removedBlocks: number;
    readonly removedBytes: number;
  }>;
}
