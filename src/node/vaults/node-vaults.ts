/** What a node keeps of the vaults of its regions, and of the work on them that is under way. */
import type { LayerId, SnapshotId } from '../../platform/ids.ts';
import type { Log } from '../../platform/log.ts';
import { type SingleFlight, singleFlight } from '../../platform/single-flight.ts';
import type { Vault } from '../../vault/vault.ts';
import { NodeError } from '../contract.ts';
import { isFullDisk } from '../disk-full.ts';
import type { TransferStatus, VaultCareStatus } from '../vault-contract.ts';
import { type LongWork, longWork } from './long-work.ts';
import { type TakeTurn, turns } from './turns.ts';

export type TransferProgress = Pick<TransferStatus, 'bytesDone' | 'bytesTotal' | 'bytesStored'>;
export type CareProgress = Omit<VaultCareStatus, 'state' | 'reason'>;

export interface NodeVaults {
  readonly byRegion: ReadonlyMap<string, Vault>;
  /** Keys: `transferKey`. */
  readonly transfers: LongWork<TransferProgress>;
  /** At most so many read layers and write vaults at a time; the rest wait in order. */
  readonly inTurn: TakeTurn;
  /** Keys: 'verify us-east-1'. */
  readonly care: LongWork<CareProgress>;
  readonly collections: SingleFlight;
  /** Layers that are being read, and by how many: none of them may be deleted. */
  readonly readers: Map<LayerId, number>;
  close(): Promise<void>;
}

const transfersAtOnce = 2;

export function nodeVaults(byRegion: ReadonlyMap<string, Vault>, log: Log): NodeVaults {
  const failed = (work: string, error: unknown) => {
    log.warn({ work, err: error }, 'work on a vault failed');
    return isFullDisk(error) ? 'the disk is full' : error instanceof Error ? error.message : String(error);
  };
  const transfers = longWork<TransferProgress>(failed);
  const care = longWork<CareProgress>(failed);
  const collections = singleFlight();
  return {
    byRegion,
    transfers,
    inTurn: turns(transfersAtOnce),
    care,
    collections,
    readers: new Map(),
    async close() {
      await Promise.all([transfers.close(), care.close(), collections.settled()]);
    },
  };
}

export function vaultOf({ byRegion }: Pick<NodeVaults, 'byRegion'>, region: string): Vault {
  const vault = byRegion.get(region);
  if (vault !== undefined) return vault;
  const known = [...byRegion.keys()].join(', ') || 'none';
  throw new NodeError('unsupported', `this node has no vault of the region '${region}'; it has: ${known}`);
}

export function transferKey(region: string, snapshotId: SnapshotId): string {
  return `${region}/${snapshotId}`;
}
