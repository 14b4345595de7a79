/** What every operation of the vault works with. */
import type { Log } from '../platform/log.ts';
import type { BlobStore } from './blobs/blob-store.ts';
import type { Geometry } from './format/geometry.ts';
import type { BlockWorkers } from './work/block-workers.ts';

export interface VaultContext {
  readonly regionName: string;
  readonly store: BlobStore;
  readonly geometry: Geometry;
  readonly log: Log;
  /** Threads for what nobody waits for, and for what somebody does. */
  readonly background: BlockWorkers;
  readonly foreground: BlockWorkers;
  /** A session that has not been heard of for this long is over; its process died. */
  readonly leaseMs: number;
}

export const defaultLeaseMs = 60_000;
