import { isVaultError } from '../../vault/vault.ts';
import type { NodeContext } from '../context.ts';
import { NodeError } from '../contract.ts';
import type { VaultContract } from '../vault-contract.ts';
import { copySnapshot } from './copy-snapshot.ts';
import { deleteStoredSnapshots, leavingSnapshots } from './delete-stored-snapshots.ts';
import { fetchLayer } from './fetch/fetch-layer.ts';
import { ingestSnapshot } from './ingest-snapshot.ts';
import { transferKey, vaultOf } from './node-vaults.ts';
import { repairVault } from './repair-vault.ts';
import { verifyVault } from './verify-vault.ts';

/** The vaults' part of the contract, command by command. */
export function vaultCommands(context: NodeContext): VaultContract {
  const at = (region: string) => vaultOf(context.vaults, region);
  const { transfers, collections } = context.vaults;
  return tellingVaultErrors({
    ingestSnapshot: (request) => ingestSnapshot(context, request),
    copySnapshot: (request) => copySnapshot(context, request),
    cancelTransfer: ({ region, snapshotId }) => transfers.forget(transferKey(region, snapshotId)),
    deleteStoredSnapshots: (request) => deleteStoredSnapshots(context, request),
    async listStoredSnapshots({ region }) {
      const leaving = new Set(leavingSnapshots(context, region));
      return (await at(region).listSnapshots()).filter((id) => !leaving.has(id));
    },
    async putStoredImage({ region, imageId, config }) {
      if (config === undefined) await at(region).deleteImage(imageId);
      else await at(region).putImageConfig(imageId, parsedConfig(config));
    },
    fetchLayer: (request) => fetchLayer(context, request),
    async recordBoot({ layerId, imageId }) {
      // A layer that was here all along was never asked of the vault: there is nothing to learn.
      await context.fetches.get(layerId)?.server.recordBoot(imageId, [layerId]);
    },
    vaultStatus: async ({ region }) => ({ region, ...(await at(region).measure()) }),
    verifyVault: (request) => verifyVault(context, request),
    repairVault: (request) => repairVault(context, request),
    collectVault: ({ region, dryRun }) =>
      collections.run(`${region} ${dryRun}`, async () => {
        const { chunksDeleted, bytesDeleted } = await at(region).collect({ dryRun });
        return { removedBlocks: chunksDeleted, removedBytes: bytesDeleted };
      }),
  });
}

function parsedConfig(text: string): Readonly<Record<string, unknown>> {
  const config: unknown = JSON.parse(text);
  if (typeof config === 'object' && config !== null) return { ...config };
  throw new NodeError('internal', "an image's config is a JSON object");
}

/** A vault's failure as the node's, so that its kind crosses a wire. */
function tellingVaultErrors(commands: VaultContract): VaultContract {
  const told = Object.entries(commands).map(([name, command]) => [
    name,
    async (request: unknown) => {
      try {
        return await (command as (request: unknown) => Promise<unknown>)(request);
      } catch (error) {
        if (!isVaultError(error)) throw error;
        const kind = error.kind === 'unknown-snapshot' ? 'unknown-snapshot' : 'internal';
        throw new NodeError(kind, error.message, { cause: error });
      }
    },
  ]);
  return Object.fromEntries(told) as VaultContract;
}
