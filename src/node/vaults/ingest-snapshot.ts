import type { SnapshotId } from '../../platform/ids.ts';
import type { Vault } from '../../vault/vault.ts';
import type { NodeContext } from '../context.ts';
import { layerChain } from '../disks/layer-status.ts';
import type { TransferStatus, VaultContract } from '../vault-contract.ts';
import { assertFrozen, withHeldLayer } from './held-layer.ts';
import { openLayerSource } from './layer-source.ts';
import { type TransferProgress, transferKey, vaultOf } from './node-vaults.ts';

type IngestRequest = Parameters<VaultContract['ingestSnapshot']>[0];

/** Stores a frozen layer in the region's vault, behind everything else that the machine does. */
export async function ingestSnapshot(context: NodeContext, request: IngestRequest): Promise<TransferStatus> {
  const { region, snapshotId, layerId, parent } = request;
  const { transfers, inTurn } = context.vaults;
  const vault = vaultOf(context.vaults, region);
  const key = transferKey(region, snapshotId);
  const known = transfers.status(key) ?? (await storedAlready(vault, snapshotId));
  if (known !== undefined) return known;
  await assertFrozen(context, layerId);
  return (
    transfers.status(key) ??
    transfers.begin(key, nothingYet, async (signal, progress) => {
      // A parent on its way is waited for: then only the difference is read.
      if (parent !== undefined) await transfers.rests(transferKey(region, parent.snapshotId));
      return await inTurn(signal, () =>
        withHeldLayer(context, layerId, () => store(context, vault, request, signal, progress)),
      );
    })
  );
}

export const nothingYet: TransferProgress = { bytesDone: 0, bytesTotal: 0 };

/** What an earlier process, or an earlier ask, has completed. */
export async function storedAlready(
  vault: Vault,
  snapshotId: SnapshotId,
): Promise<TransferStatus | undefined> {
  const stored = await vault.metadata(snapshotId);
  if (stored === undefined) return undefined;
  const bytes = stored.storedBlocks * vault.blockBytes;
  return { state: 'completed', bytesDone: bytes, bytesTotal: bytes };
}

async function store(
  context: NodeContext,
  vault: Vault,
  { snapshotId, layerId, parent, details }: IngestRequest,
  signal: AbortSignal,
  progress: (now: TransferProgress) => void,
): Promise<TransferProgress> {
  const base = parent === undefined ? undefined : await baseOf(context, vault, layerId, parent);
  const source = await openLayerSource(context, layerId, base?.layerId);
  try {
    await context.fault('ingest:begun');
    const { bytesRead, bytesStored } = await vault.ingestSnapshot({
      snapshotId,
      source,
      details: { ...details },
      signal,
      onProgress: progress,
      ...(base === undefined ? {} : { parentSnapshotId: base.snapshotId }),
    });
    return { bytesDone: bytesRead, bytesTotal: bytesRead, bytesStored };
  } finally {
    await source.close();
  }
}

/** The parent counts where the vault holds it and the layer still stands on its layer; else all is read. */
async function baseOf(
  context: NodeContext,
  vault: Vault,
  layerId: IngestRequest['layerId'],
  parent: NonNullable<IngestRequest['parent']>,
): Promise<IngestRequest['parent']> {
  const below = (await layerChain(context.folders.layers, layerId)).slice(1);
  if (!below.includes(parent.layerId)) return undefined;
  return (await vault.metadata(parent.snapshotId)) === undefined ? undefined : parent;
}
