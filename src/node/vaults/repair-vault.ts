import type { SnapshotId } from '../../platform/ids.ts';
import type { BlockSource, RepairResult, Vault, VerifyReport } from '../../vault/vault.ts';
import type { NodeContext } from '../context.ts';
import { hasLayer } from '../disks/layer-files.ts';
import type { VaultCareStatus, VaultContract } from '../vault-contract.ts';
import { withHeldLayer } from './held-layer.ts';
import { openLayerSource } from './layer-source.ts';
import { vaultOf } from './node-vaults.ts';
import { harmsOf, notBegun, verified } from './verify-vault.ts';

type RepairRequest = Parameters<VaultContract['repairVault']>[0];
type Holder = RepairRequest['sources'][number];

/** Looks for what is bad, then puts it back from whoever has it: other regions, and layers that are here. */
export async function repairVault(context: NodeContext, request: RepairRequest): Promise<VaultCareStatus> {
  const { region, restart, sources } = request;
  const { care, byRegion } = context.vaults;
  const vault = vaultOf(context.vaults, region);
  const others = [...byRegion.values()].filter((other) => other !== vault);
  const key = `repair ${region}`;
  if (restart === true && care.status(key)?.state === 'completed') await care.forget(key);
  return (
    care.status(key) ??
    care.begin(key, notBegun, async (signal, progress) => {
      const { report, ...last } = await verified(vault, signal, progress);
      const harmed = new Set(report.harmedSnapshots);
      const holders = sources.filter(({ snapshotId }) => harmed.has(snapshotId));
      const { repaired, remaining } = await repairFrom(context, vault, others, report, holders, new Map());
      return {
        ...last,
        harms: harmsOf(remaining),
        repairedBlocks: new Set(repaired.map(({ digest }) => digest)).size,
      };
    })
  );
}

/** Opens the holders' layers one inside the other, so that all are held until the repair has ended. */
async function repairFrom(
  context: NodeContext,
  vault: Vault,
  others: readonly Vault[],
  report: VerifyReport,
  [holder, ...rest]: readonly Holder[],
  opened: ReadonlyMap<SnapshotId, BlockSource>,
): Promise<RepairResult> {
  if (holder === undefined) return await vault.repair({ report, vaults: others, sources: opened });
  if (!(await hasLayer(context.folders.layers, holder.layerId)))
    return await repairFrom(context, vault, others, report, rest, opened);
  return await withHeldLayer(context, holder.layerId, async () => {
    const source = await openLayerSource(context, holder.layerId);
    try {
      const more = new Map([...opened, [holder.snapshotId, source]]);
      return await repairFrom(context, vault, others, report, rest, more);
    } finally {
      await source.close();
    }
  });
}
