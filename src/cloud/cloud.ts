/** What every operation and every reconciling pass of the cloud works with; made once, in `open-cloud.ts`. */
import type { NodeContract } from '../node/contract.ts';
import type { Database } from '../platform/database/database.ts';
import type { AccountId, NodeId } from '../platform/ids.ts';
import type { KeyedQueue } from '../platform/keyed-queue.ts';
import type { Log } from '../platform/log.ts';
import type { SingleFlight } from '../platform/single-flight.ts';
import type { Schema } from './schema.ts';

export interface CloudConfig {
  /** 'us-east-1', … the first is where a fresh client starts. */
  readonly regions: readonly string[];
  /** Zones of a region: the letters after its name. */
  readonly zones: readonly string[];
  readonly defaultAccountId: AccountId;
  /** Whom the owner alias `amazon` stands for: base images belong to it. */
  readonly baseAccountId: AccountId;
  /** Days that a deregistered image or a deleted snapshot stays in the recycle bin; 0 has no bin. */
  readonly recycleBinDays: number;
  /** How often the reconciler looks again without being asked. */
  readonly reconcileIntervalMs: number;
  /** How long an orderly stop may take before the machine is switched off. */
  readonly stopDeadlineMs: number;
  /** What a snapshot is complete by: its frozen layer on the node's disk, or its region's vault. */
  readonly durability: 'layer' | 'vault';
  /** What layers that the vault holds and no volume stands on may take; absent: all but a tenth of the disk. */
  readonly layerCacheGiB?: number;
  /** How often each vault is freed of blocks that no snapshot has. */
  readonly vaultCollectIntervalHours: number;
}

export interface Cloud {
  readonly config: CloudConfig;
  readonly db: Database<Schema>;
  readonly log: Log;
  readonly now: () => Date;
  readonly nodes: Nodes;
  /** 'host:port' as DescribeRegions shows it; undefined where nothing listens. */
  readonly endpoint: () => string | undefined;
  /** The IPv4 addresses that mean this host in a security group rule; 127.0.0.1 is one. */
  readonly hostAddresses: () => readonly string[];
  /** One driver per row at a time, whether a request or the reconciler started it. */
  readonly flights: SingleFlight;
  /** Calls that would meet on one instance or volume go one after the other. */
  readonly queue: KeyedQueue;
  /** Asks the reconciler to look at everything again; returns at once. */
  readonly wake: () => void;
  /** Aborted when the cloud closes: a driver that waits for something waits no longer. */
  readonly closing: AbortSignal;
  /** Signs pagination tokens. */
  readonly tokenSecret: Uint8Array;
}

export interface Nodes {
  readonly ids: readonly NodeId[];
  get(nodeId: NodeId): NodeContract;
}
