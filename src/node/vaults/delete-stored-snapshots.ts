import type { SnapshotId } from '../../platform/ids.ts';
import type { NodeContext } from '../context.ts';
import type { VaultContract } from '../vault-contract.ts';
import { transferKey, vaultOf } from './node-vaults.ts';

type DeleteRequest = Parameters<VaultContract['deleteStoredSnapshots']>[0];

/** A snapshot that a layer is still being fetched from stays until the layer has all of it. */
export async function deleteStoredSnapshots(
  context: NodeContext,
  { region, snapshotIds }: DeleteRequest,
): Promise<void> {
  const vault = vaultOf(context.vaults, region);
  for (const snapshotId of snapshotIds) {
    await context.vaults.transfers.forget(transferKey(region, snapshotId));
    await context.queue.run(['layers'], async () => {
      const fetched = context.fetches
        .all()
        .filter(({ record }) => record.region === region && record.snapshotId === snapshotId);
      for (const { record } of fetched) await context.fetches.deleteSnapshotLater(record.layerId);
      if (fetched.length === 0) await vault.deleteSnapshot(snapshotId);
    });
  }
}

/** Deleted for everybody but the layers that are being fetched from them. */
export function leavingSnapshots({ fetches }: NodeContext, region: string): readonly SnapshotId[] {
  return fetches
    .all()
    .filter(({ record }) => record.region === region && record.deleteSnapshot === true)
    .map(({ record }) => record.snapshotId);
}
