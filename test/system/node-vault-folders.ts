/** The vaults of a test's home, two regions in folders of their own. */
import { join } from 'node:path';
import { silentLog } from '../../src/platform/log.ts';
import { directoryStore, openVault, type Vault } from '../../src/vault/vault.ts';

export const region = 'us-east-1';
export const elsewhere = 'eu-west-1';

/** So slow that what is tested meanwhile happens in the middle of a fetch. */
export const slowBytesPerSecond = 128 * 1024;

export function vaultFolder(home: string): string {
  return join(home, 'vault');
}

export function vaultsIn(home: string): ReadonlyMap<string, Vault> {
  return new Map(
    [region, elsewhere].map((regionName) => {
      const store = directoryStore(join(vaultFolder(home), regionName));
      return [regionName, openVault({ store, regionName, log: silentLog, threads: 2 })] as const;
    }),
  );
}
