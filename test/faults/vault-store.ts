/** A region's vault of a test's server, looked at from outside: a folder of its home, or a bucket. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../src/platform/config.ts';
import { silentLog } from '../../src/platform/log.ts';
import { s3Store } from '../../src/vault/blobs/s3-store.ts';
import { digestOfKey } from '../../src/vault/format/layout.ts';
import { decodeManifest } from '../../src/vault/format/manifest.ts';
import { readManifestBytes } from '../../src/vault/read/open-snapshot.ts';
import { directoryStore, openVault, type Vault } from '../../src/vault/vault.ts';
import type { S3Server } from '../system/vault/s3-server.ts';
import { run } from '../system/vault/temporary.ts';
import { region } from './killable-server.ts';

export interface VaultStore {
  readonly blobs: Config['blobs'];
  /** Chunks that lie in it now. */
  chunks(): Promise<number>;
  /** As if all that is there had been written two hours ago: nobody waits for the lease of a killed process. */
  age(): Promise<void>;
  open(): Vault;
}

export function folderStore(home: string): VaultStore {
  const folder = join(home, 'vault', region);
  return {
    blobs: { kind: 'directory' },
    async chunks() {
      const files = await readdir(join(folder, 'chunks'), { recursive: true }).catch(() => []);
      return files.filter((name) => digestOfKey(name) !== undefined).length;
    },
    async age() {
      await run('find', folder, '-type', 'f', '-exec', 'touch', '-d', '2 hours ago', '{}', '+');
    },
    open: () => vaultOver(directoryStore(folder)),
  };
}

export function bucketStore({ endpoint, credentials, objects }: S3Server, profile: string): VaultStore {
  const place = { bucket: 'bucket', prefix: 'ingot/', region: 'us-east-1', endpoint };
  return {
    blobs: { kind: 's3', profile, ...place },
    chunks: async () => [...objects.keys()].filter((key) => digestOfKey(key) !== undefined).length,
    async age() {
      const modified = new Date(Date.now() - 7_200_000);
      for (const [key, object] of objects) objects.set(key, { ...object, modified });
    },
    open: () => vaultOver(s3Store({ ...place, prefix: `ingot/${region}/`, credentials })),
  };
}

function vaultOver(store: Parameters<typeof openVault>[0]['store']): Vault {
  return openVault({ store, regionName: region, log: silentLog, leaseMs: 1 });
}

/** How many chunks its snapshots refer to, blocks and leaves. */
export async function referredTo(vault: Vault): Promise<number> {
  const digests = new Set<string>();
  for (const id of await vault.listSnapshots()) {
    for await (const { digest } of vault.listBlocks(id)) digests.add(digest);
    const bytes = (await readManifestBytes(vault.context, id)) ?? Buffer.alloc(0);
    for (const { digest } of decodeManifest(bytes, id).leaves) digests.add(digest);
  }
  return digests.size;
}
