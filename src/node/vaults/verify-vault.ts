import type { Harm, Vault, VerifyReport } from '../../vault/vault.ts';
import type { NodeContext } from '../context.ts';
import type { VaultCareStatus, VaultContract, VaultHarm } from '../vault-contract.ts';
import { type CareProgress, vaultOf } from './node-vaults.ts';

type VerifyRequest = Parameters<VaultContract['verifyVault']>[0];

/** Reads and hashes everything that the region's snapshots refer to. */
export async function verifyVault(
  context: NodeContext,
  { region, restart }: VerifyRequest,
): Promise<VaultCareStatus> {
  const { care } = context.vaults;
  const vault = vaultOf(context.vaults, region);
  const key = `verify ${region}`;
  if (restart === true && care.status(key)?.state === 'completed') await care.forget(key);
  return (
    care.status(key) ??
    care.begin(key, notBegun, async (signal, progress) => {
      const { report, ...last } = await verified(vault, signal, progress);
      return { ...last, harms: harmsOf(report.harms) };
    })
  );
}

export const notBegun: CareProgress = { blocksDone: 0, blocksTotal: 0 };

export async function verified(
  vault: Vault,
  signal: AbortSignal,
  progress: (now: CareProgress) => void,
): Promise<CareProgress & { readonly report: VerifyReport }> {
  let last = notBegun;
  const report = await vault.verify({
    signal,
    onProgress(now) {
      last = now;
      progress(now);
    },
  });
  return { ...last, report };
}

/** One entry a chunk, whoever refers to it. A manifest has no digest; it goes by its key. */
export function harmsOf(harms: readonly Harm[]): readonly VaultHarm[] {
  const byDigest = Map.groupBy(
    harms,
    ({ digest, snapshotId }) => digest ?? `snapshots/${snapshotId}/manifest`,
  );
  return [...byDigest].map(([digest, found]) => ({
    digest,
    reason: found[0]?.reason ?? '',
    snapshots: [...new Set(found.map(({ snapshotId }) => snapshotId))],
  }));
}
