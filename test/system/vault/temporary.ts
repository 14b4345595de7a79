import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SnapshotId } from '../../../src/platform/ids.ts';
import { silentLog } from '../../../src/platform/log.ts';
import { directoryStore, openVault, type Vault } from '../../../src/vault/vault.ts';

const execute = promisify(execFile);

/** Runs a program to its end; answers what it printed. */
export async function run(program: string, ...args: readonly string[]): Promise<string> {
  return (await execute(program, args, { maxBuffer: 64 * 1024 * 1024 })).stdout;
}

export interface Temporary {
  readonly path: (name: string) => string;
  /** A vault with the real block size in a folder of this name. */
  vault(region: string): Vault;
  close(): Promise<void>;
}

export async function temporary(): Promise<Temporary> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-vault-'));
  const vaults: Vault[] = [];
  return {
    path: (name) => join(folder, name),
    vault(region) {
      const vault = openVault({
        store: directoryStore(join(folder, region)),
        regionName: region,
        log: silentLog,
        threads: 2,
      });
      vaults.push(vault);
      return vault;
    },
    async close() {
      for (const vault of vaults) await vault.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const snapshotId = (n: number) => `snap-${String(n).padStart(17, '0')}` as SnapshotId;
