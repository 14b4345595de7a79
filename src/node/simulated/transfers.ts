import type { LayerId, SnapshotId } from '../../platform/ids.ts';
import { type NodeContract, NodeError } from '../contract.ts';
import type { TransferStatus } from '../vault-contract.ts';
import { layerStatus } from './layers.ts';
import { readSentinels } from './sentinels.ts';
import { layerOf, type SimulatedState } from './state.ts';
import {
  blockBytes,
  type SimulatedSnapshot,
  type SimulatedTransfer,
  type SimulatedVault,
  storedSnapshotOf,
  vaultOf,
} from './vault-state.ts';

type TransferCommands = Pick<
  NodeContract,
  'ingestSnapshot' | 'copySnapshot' | 'cancelTransfer' | 'fetchLayer' | 'recordBoot'
>;

const slowAsks = 10;

export function simulatedTransfers(state: SimulatedState, usualAsks: number): TransferCommands {
  return {
    async ingestSnapshot({ region, snapshotId, layerId, details }) {
      return advance(vaultOf(state.vaults, region), snapshotId, 'ingest', usualAsks, () => ({
        sizeBytes: layerOf(state, layerId).sizeBytes,
        blocks: contentOf(state, layerId),
        details,
      }));
    },
    async copySnapshot({ fromRegion, snapshotId, toRegion, copyId, details }) {
      return advance(vaultOf(state.vaults, toRegion), copyId, 'copy', usualAsks, () => ({
        ...storedSnapshotOf(vaultOf(state.vaults, fromRegion), fromRegion, snapshotId),
        details,
      }));
    },
    async cancelTransfer({ region, snapshotId }) {
      vaultOf(state.vaults, region).transfers.delete(snapshotId);
    },
    async fetchLayer({ layerId, region, snapshotId }) {
      if (!state.layers.has(layerId)) {
        const vault = vaultOf(state.vaults, region);
        const { sizeBytes, blocks } = storedSnapshotOf(vault, region, snapshotId);
        const bad = blocks.find((digest) => vault.blocks.get(digest) !== 'whole');
        if (bad !== undefined) throw new NodeError('internal', `block ${bad} of ${snapshotId} is damaged`);
        state.layers.set(layerId, { layerId, sizeBytes, frozen: true, blocks });
      }
      return layerStatus(state, layerId);
    },
    recordBoot: async () => undefined,
  };
}

function advance(
  vault: SimulatedVault,
  snapshotId: SnapshotId,
  kind: 'ingest' | 'copy',
  usualAsks: number,
  begin: () => SimulatedSnapshot,
): TransferStatus {
  const done = vault.completed.get(snapshotId);
  if (done !== undefined) return done;
  const before = vault.transfers.get(snapshotId) ?? started(vault, begin());
  const transfer = { ...before, asks: before.asks + 1 };
  const bytesTotal = transfer.missing.length * blockBytes;
  const wish = readSentinels(transfer.snapshot.details.description).get(kind);
  const reason = transfer.failsWith ?? failureIn(wish, kind);
  if (reason !== undefined) {
    vault.transfers.delete(snapshotId);
    return { state: 'failed', bytesDone: 0, bytesTotal, reason };
  }
  const asks = wish === 'slow' ? slowAsks : usualAsks;
  if (wish === 'stuck' || transfer.asks < asks) {
    vault.transfers.set(snapshotId, transfer);
    const bytesDone = wish === 'stuck' ? 0 : Math.floor((bytesTotal * transfer.asks) / asks);
    return { state: 'running', bytesDone, bytesTotal };
  }
  return completed(vault, snapshotId, transfer);
}

function started(vault: SimulatedVault, snapshot: SimulatedSnapshot): SimulatedTransfer {
  const missing = snapshot.blocks.filter((digest) => !vault.blocks.has(digest));
  return { snapshot, missing, asks: 0 };
}

function failureIn(wish: string | undefined, kind: string): string | undefined {
  return wish === undefined || wish === 'slow' || wish === 'stuck'
    ? undefined
    : `simulated: the ${kind} fails with ${wish}`;
}

function completed(
  vault: SimulatedVault,
  snapshotId: SnapshotId,
  { snapshot, missing }: SimulatedTransfer,
): TransferStatus {
  for (const digest of missing) vault.blocks.set(digest, 'whole');
  vault.snapshots.set(snapshotId, snapshot);
  vault.transfers.delete(snapshotId);
  const bytes = missing.length * blockBytes;
  const status = { state: 'completed', bytesDone: bytes, bytesTotal: bytes, bytesStored: bytes / 2 } as const;
  vault.completed.set(snapshotId, status);
  return status;
}

/** The blocks of the layer and of all that it stands on, the oldest first. */
export function contentOf(state: SimulatedState, layerId: LayerId): readonly string[] {
  const { parentLayerId, blocks } = layerOf(state, layerId);
  return parentLayerId === undefined ? blocks : [...contentOf(state, parentLayerId), ...blocks];
}
