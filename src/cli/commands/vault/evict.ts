import { Command } from 'commander';
import type { SnapshotId } from '../../../platform/ids.ts';
import { adminClient, answered } from '../../admin-client.ts';
import { type ConsentOptions, consents } from '../../ask.ts';
import { findContext } from '../../context.ts';
import { dryRunOption, yesOption } from '../../options.ts';
import { print, printJson, say } from '../../output.ts';
import { bytes, counted } from './regions.ts';

export function vaultEvictCommand(): Command {
  return new Command('evict')
    .description('Remove local disks that the vault holds; they come back when they are launched')
    .argument('[snapshots...]', 'snapshot ids; all that nothing stands on unless told')
    .addOption(yesOption())
    .addOption(dryRunOption())
    .option('--json', 'print JSON for programs')
    .action(async (ids: readonly string[], options: ConsentOptions & { readonly json?: true }) => {
      const context = await findContext();
      const evict = (dryRun: boolean) =>
        answered(
          adminClient(context).vault.evict.$post({
            json: { dryRun, ...(ids.length === 0 ? {} : { snapshotIds: [...ids] as SnapshotId[] }) },
          }),
          context.url,
        );
      const plan = await evict(true);
      if (!options.json) {
        for (const { snapshotId, reason } of plan.kept) say(`${snapshotId} stays: ${reason}`);
        for (const layer of plan.evicted) print(`${layer.snapshotIds.join(' ')}  ${bytes(layer.bytes)}`);
      }
      if (plan.evicted.length === 0)
        return options.json ? printJson(plan) : say('There is nothing to remove');
      if (!(await consents(`Remove ${counted(plan.evicted.length, 'local disk')}?`, options))) {
        return options.json ? printJson(plan) : undefined;
      }
      const done = await evict(false);
      if (options.json) return printJson(done);
      const freed = done.evicted.reduce((sum, layer) => sum + layer.bytes, 0);
      say(`Removed ${counted(done.evicted.length, 'local disk')}, ${bytes(freed)}`);
    });
}
