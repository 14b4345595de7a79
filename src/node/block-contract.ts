/**
 * Snapshots read and written block by block from outside (EBS direct). Part of the node's contract: plain data, bytes
 * as Uint8Array, idempotent by the ids, subjects `node.<nodeId>.<command>`.
 *
 * A *block write* is a frozen layer in the making. It may take days and outlives the process: a block that was answered
 * for is on disk. Its id is the layer's.
 */
import type { LayerId, SnapshotId } from '../platform/ids.ts';
import type { LayerStatus } from './contract.ts';

/** EBS direct's block, and the vault's. */
export const blockBytes = 512 * 1024;

/** A completed snapshot as this node can read it: its layer, or where that isn't here, what the region's vault has. */
export interface StoredDisk {
  readonly region: string;
  readonly snapshotId: SnapshotId;
  readonly layerId: LayerId;
}

export interface ChangedBlockIndex {
  readonly index: number;
  /** Whether the earlier disk holds anything there; the later one is read in any case, zeros where it has nothing. */
  readonly inFirst: boolean;
}

export interface BlockWriteStatus {
  readonly layerId: LayerId;
  /** Blocks written so far, each counted once. */
  readonly blocks: number;
  /** ISO time of the last block, or of the start. */
  readonly lastWrittenAt: string;
}

export type CompletedBlockWrite =
  | { readonly state: 'completed'; readonly layer: LayerStatus }
  /** Not what the caller says was written; nothing was changed. `checksum` as in the request. */
  | { readonly state: 'mismatch'; readonly blocks: number; readonly checksum: string };

export interface BlockContract {
  /** Blocks that may hold data, in order. May answer fewer than `maxBlocks`; `nextBlock` says where to go on. */
  listBlocks(request: {
    readonly disk: StoredDisk;
    readonly startingBlock: number;
    readonly maxBlocks: number;
  }): Promise<{ readonly blocks: readonly number[]; readonly nextBlock?: number }>;
  /**
   * Blocks whose content differs, in order; as above. What the layers have in common is not read; without any, all
   * of both is.
   */
  listChangedBlocks(request: {
    readonly first: StoredDisk;
    readonly second: StoredDisk;
    readonly startingBlock: number;
    readonly maxBlocks: number;
  }): Promise<{ readonly blocks: readonly ChangedBlockIndex[]; readonly nextBlock?: number }>;
  /** Whether the layers of both disks have one in common. */
  shareLayers(request: { readonly first: StoredDisk; readonly second: StoredDisk }): Promise<boolean>;
  /** Exactly one block's length; zeros past the end of the disk. */
  readBlock(request: {
    readonly disk: StoredDisk;
    readonly index: number;
  }): Promise<{ readonly content: Uint8Array /** Hexadecimal. */; readonly sha256: string }>;

  /** What is not written reads as the parent layer, or as zeros without one. */
  startBlockWrite(request: {
    readonly layerId: LayerId;
    readonly parentLayerId?: LayerId;
    readonly sizeBytes: number;
  }): Promise<BlockWriteStatus>;
  /** On disk once answered. Not written where `sha256` (hexadecimal) is not the content's; the last one of an index counts. */
  writeBlock(request: {
    readonly layerId: LayerId;
    readonly index: number;
    readonly content: Uint8Array;
    readonly sha256: string;
  }): Promise<{ readonly state: 'written' | 'damaged' | 'contended' }>;
  /** Makes it a frozen layer. `checksum`: SHA-256, hexadecimal, over the blocks' SHA-256 bytes in the order of their indexes. */
  completeBlockWrite(request: {
    readonly layerId: LayerId;
    readonly blocks: number;
    readonly checksum?: string;
  }): Promise<CompletedBlockWrite>;
  /** Nothing to abandon is fine. */
  abandonBlockWrite(request: { readonly layerId: LayerId }): Promise<void>;
  /** Those under way. */
  listBlockWrites(): Promise<readonly BlockWriteStatus[]>;
}
