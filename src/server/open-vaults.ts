/** The vaults of the regions served: folders of the home, or folders of one bucket. */
import { join } from 'node:path';
import type { Config } from '../platform/config.ts';
import type { Log } from '../platform/log.ts';
import { type BlobStore, directoryStore, openVault, type Vault } from '../vault/vault.ts';
import type { Closers } from './closers.ts';

type VaultConfig = Pick<Config, 'home' | 'regions' | 'blobs'>;

export async function openVaults(
  config: VaultConfig,
  log: Log,
  closers: Closers,
): Promise<ReadonlyMap<string, Vault>> {
  const storeOf = await stores(config);
  const vaults = new Map<string, Vault>();
  for (const regionName of config.regions) {
    const vault = openVault({ store: storeOf(regionName), regionName, log });
    closers.add(() => vault.close());
    vaults.set(regionName, vault);
  }
  return vaults;
}

async function stores({ home, blobs }: VaultConfig): Promise<(region: string) => BlobStore> {
  if (blobs.kind === 'directory') return (region) => directoryStore(join(home, 'vault', region));
  const { bucket, endpoint, region, prefix, profile } = blobs;
  // Loaded only where they are used: they cost memory and a good part of a second.
  const { s3Store } = await import('../vault/blobs/s3-store.ts');
  const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
  const credentials = fromNodeProviderChain(profile === undefined ? {} : { profile });
  return (vaultRegion) =>
    s3Store({
      bucket,
      region,
      credentials,
      prefix: `${prefix}${vaultRegion}/`,
      ...(endpoint === undefined ? {} : { endpoint }),
    });
}
