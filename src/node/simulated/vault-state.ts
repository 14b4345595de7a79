/** The vaults of a simulated node: a block is a name, and a layer that a volume wrote brings exactly one. */
import type { ImageId, SnapshotId } from '../../platform/ids.ts';
import { NodeError } from '../contract.ts';
import type { StoredSnapshotDetails, TransferStatus, VaultCareStatus } from '../vault-contract.ts';

export const blockBytes = 2 ** 19;

export interface SimulatedSnapshot {
  readonly sizeBytes: number;
  readonly blocks: readonly string[];
  readonly details: StoredSnapshotDetails;
}

export interface SimulatedTransfer {
  readonly snapshot: SimulatedSnapshot;
  /** What is read or moved: the blocks that are not there yet. */
  readonly missing: readonly string[];
  readonly asks: number;
  readonly failsWith?: string;
}

export interface SimulatedVault {
  readonly snapshots: Map<SnapshotId, SimulatedSnapshot>;
  readonly blocks: Map<string, 'whole' | 'damaged'>;
  readonly transfers: Map<SnapshotId, SimulatedTransfer>;
  /** What the transfers that completed were answered with. */
  readonly completed: Map<SnapshotId, TransferStatus>;
  readonly images: Map<ImageId, string>;
  readonly care: Map<'verify' | 'repair', VaultCareStatus>;
}

export function vaultOf(vaults: Map<string, SimulatedVault>, region: string): SimulatedVault {
  const known = vaults.get(region);
  if (known !== undefined) return known;
  const vault: SimulatedVault = {
    snapshots: new Map(),
    blocks: new Map(),
    transfers: new Map(),
    completed: new Map(),
    images: new Map(),
    care: new Map(),
  };
  vaults.set(region, vault);
  return vault;
}

export function storedSnapshotOf(
  vault: SimulatedVault,
  region: string,
  snapshotId: SnapshotId,
): SimulatedSnapshot {
  const snapshot = vault.snapshots.get(snapshotId);
  if (snapshot !== undefined) return snapshot;
  throw new NodeError('unknown-snapshot', `the vault of ${region} has no snapshot ${snapshotId}`);
}

export function damageBlockOf(vault: SimulatedVault, snapshotId: SnapshotId): void {
  const newest = vault.snapshots.get(snapshotId)?.blocks.at(-1);
  if (newest === undefined) throw new Error(`${snapshotId} is not stored`);
  vault.blocks.set(newest, 'damaged');
}
