/** A node with vaults of two regions in its own home, and what the tests of both ask again and again. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { until } from '../../src/node/deadline.ts';
import type { NodeOptions, OpenNode } from '../../src/node/node.ts';
import type { TransferStatus } from '../../src/node/vault-contract.ts';
import { type TestHome, testNode } from './node-kit.ts';
import { vaultFolder, vaultsIn } from './node-vault-folders.ts';

export { elsewhere, region, slowBytesPerSecond } from './node-vault-folders.ts';

export interface VaultHome extends TestHome {
  readonly vaultDirectory: string;
}

/** Every node that it opens has vaults of its own over the same folders, as a server that was started anew. */
export async function vaultHome(): Promise<VaultHome> {
  const home = await testNode();
  return {
    ...home,
    vaultDirectory: vaultFolder(home.directory),
    open(options: Partial<NodeOptions> = {}) {
      const vaults = vaultsIn(home.directory);
      onTestFinished(async () => {
        for (const vault of vaults.values()) await vault.close();
      });
      return home.open({ vaults, ...options });
    },
  };
}

/** Asks until the transfer rests. */
export async function rested(ask: () => Promise<TransferStatus>): Promise<TransferStatus> {
  return await until(
    async () => {
      const status = await ask();
      return status.state === 'running' ? undefined : status;
    },
    { deadlineMs: 240_000, everyMs: 50, what: 'a transfer' },
  );
}

/** Waits until nothing of the layer comes from a vault any more. */
export async function independent(home: TestHome, layerId: string): Promise<void> {
  const record = join(home.directory, 'served', `${layerId}.json`);
  await until(
    () =>
      access(record).then(
        () => undefined,
        () => true as const,
      ),
    { deadlineMs: 240_000, everyMs: 50, what: `the whole of ${layerId}` },
  );
}

export type { OpenNode };
