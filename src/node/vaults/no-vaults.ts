import { NodeError } from '../contract.ts';
import { vaultCommandNames } from '../remote-vault.ts';
import type { VaultContract } from '../vault-contract.ts';

/** A node that was given no vaults says so. */
export function noVaults(): VaultContract {
  const refuse = async () => {
    throw new NodeError('unsupported', 'this node has no vault');
  };
  return Object.fromEntries(vaultCommandNames.map((name) => [name, refuse])) as unknown as VaultContract;
}
